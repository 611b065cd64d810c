import type { CauseLink } from '../engine/causes.ts'

/** Which rule explains which, where both findings are about the same thing. Causes of causes may be listed in any order. */
export const causes: readonly CauseLink[] = [
  { cause: 'ipvs-external-ip-is-node-ip', effect: 'neighbour-unresolved', sharing: 'path' },
  { cause: 'ipvs-external-ip-is-node-ip', effect: 'api-server-unreachable', sharing: 'path' },
  { cause: 'neighbour-unresolved', effect: 'api-server-unreachable', sharing: 'path' },
  { cause: 'ipvs-service-without-servers', effect: 'api-server-unreachable', sharing: 'address' },
  { cause: 'service-no-endpoints', effect: 'api-server-unreachable', sharing: 'address' },
  { cause: 'service-chain-broken', effect: 'api-server-unreachable', sharing: 'address' },
  { cause: 'service-endpoint-divergence-across-nodes', effect: 'api-server-unreachable', sharing: 'address' },
  { cause: 'service-endpoint-divergence-across-nodes', effect: 'service-no-endpoints', sharing: 'service' },
  { cause: 'certificate-expired', effect: 'api-server-unreachable', sharing: 'node' },
  { cause: 'certificate-not-yet-valid', effect: 'api-server-unreachable', sharing: 'node' },
  { cause: 'certificate-unknown-ca', effect: 'api-server-unreachable', sharing: 'node' },
  { cause: 'host-local-address-leak', effect: 'cni-address-pool-exhausted', sharing: 'network' },
  { cause: 'sysctl-runtime-vs-persisted', effect: 'sysctl-ip-forward-off', sharing: 'sysctl' },
  { cause: 'sysctl-runtime-vs-persisted', effect: 'sysctl-bridge-nf-off', sharing: 'sysctl' },
  { cause: 'sysctl-runtime-vs-persisted', effect: 'conntrack-table-full', sharing: 'sysctl' },
  { cause: 'sysctl-runtime-vs-persisted', effect: 'neigh-table-overflow', sharing: 'sysctl' },
  { cause: 'sysctl-dead-dropin', effect: 'sysctl-ip-forward-off', sharing: 'sysctl' },
  { cause: 'sysctl-dead-dropin', effect: 'sysctl-bridge-nf-off', sharing: 'sysctl' },
  { cause: 'sysctl-dead-dropin', effect: 'conntrack-table-full', sharing: 'sysctl' },
  { cause: 'sysctl-dead-dropin', effect: 'neigh-table-overflow', sharing: 'sysctl' },
]
