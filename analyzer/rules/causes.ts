import type { CauseLink } from '../engine/causes.ts'

/** Which rule explains which, where both findings are about the same thing. Causes of causes may be listed in any order. */
export const causes: readonly CauseLink[] = [
  { cause: 'ipvs-external-ip-is-node-ip', effect: 'neighbour-unresolved', sharing: 'path' },
  { cause: 'ipvs-external-ip-is-node-ip', effect: 'api-server-unreachable', sharing: 'address' },
  { cause: 'neighbour-unresolved', effect: 'api-server-unreachable', sharing: 'address' },
]
