import type { CauseLink } from '../engine/causes.ts'

/** Which rule explains which, where both findings are about the same thing. Causes of causes may be listed in any order. */
export const causes: readonly CauseLink[] = [
  { cause: 'ipvs-external-ip-is-node-ip', effect: 'neighbour-unresolved', sharing: 'path' },
  { cause: 'ipvs-external-ip-is-node-ip', effect: 'api-server-unreachable', sharing: 'path' },
  { cause: 'neighbour-unresolved', effect: 'api-server-unreachable', sharing: 'path' },
  { cause: 'ipvs-service-without-servers', effect: 'api-server-unreachable', sharing: 'address' },
  { cause: 'service-no-endpoints', effect: 'api-server-unreachable', sharing: 'address' },
  { cause: 'certificate-expired', effect: 'api-server-unreachable', sharing: 'node' },
  { cause: 'certificate-not-yet-valid', effect: 'api-server-unreachable', sharing: 'node' },
  { cause: 'host-local-address-leak', effect: 'cni-address-pool-exhausted', sharing: 'network' },
]
