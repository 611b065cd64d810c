import { eachNode } from '../engine/fact.ts'
import type { ClusterScope } from '../engine/scope.ts'
import { type IpamPool, ipamPools, isV4Pool } from '../facts/node/ipamPools.ts'
import { type PoolLeak, leakedAddresses } from '../facts/node/leakedAddresses.ts'
import type { Figure, Pool } from '../report/figure.ts'

/** How full the IPv4 pools of host-local are, on every node that has some; a pool of IPv6 holds more than any node has pods. */
export function poolUse(cluster: ClusterScope): Figure | undefined {
  const pools = eachNode(ipamPools).of(cluster)
  const leaks = eachNode(leakedAddresses).of(cluster)
  if (!pools.available) return undefined
  const known = new Map(
    (leaks.available ? leaks.value : []).flatMap(({ value }) => value.map((leak) => [leak.pool, leak])),
  )
  const rows = pools.value.flatMap(({ node, value }) =>
    value.filter(isV4Pool).map((pool) => poolRow(node.id, pool, known)),
  )
  return rows.length === 0 ? undefined : { kind: 'pool-use', pools: rows }
}

/** Only what the runtime itself does not know is told as a number beside others. */
function poolRow(node: string, pool: IpamPool, leaks: ReadonlyMap<IpamPool, PoolLeak>): Pool {
  const leak = leaks.get(pool)
  return {
    node,
    network: pool.network,
    subnet: pool.subnet,
    used: pool.reservations.length,
    capacity: pool.capacity,
    ...(leak?.proof === 'sandboxes' ? { leaked: leak.count } : {}),
  }
}
