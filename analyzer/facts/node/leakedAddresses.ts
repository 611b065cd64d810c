import { type Availability, available, unavailable } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { type NodeInterface, interfaces } from './interfaces.ts'
import { type IpamPool, type IpamReservation, ipamPools } from './ipamPools.ts'
import { type LiveSandboxes, liveSandboxes } from './liveSandboxes.ts'
import { type PodsOfNode, podsOfNode } from './podsOfNode.ts'

/** What a pool's reservations are held against. */
export type LeakProof = 'sandboxes' | 'pods' | 'links'

/** Reservations of one pool that no pod accounts for. */
export interface PoolLeak {
  readonly pool: IpamPool
  readonly proof: LeakProof
  /** How many: those below, without those that pods being made may account for. With `links` only the number is known. */
  readonly count: number
  readonly orphans: readonly IpamReservation[]
  /** Pods of the node that have no address yet, and may be getting one of these right now. */
  readonly starting: number
  /** Some reservation is accounted for: the list speaks of the same pods. */
  readonly isMatched: boolean
  /** Links of pods on the pool's bridge; left out where they cannot be told. */
  readonly links?: number
  /** Lists that the orphans are missing from. */
  readonly origins: readonly Evidence[]
}

const MOST_AT_ONCE = 3

/**
 * Each pool of host-local with what leaked of it, by the best list there is: the runtimes' own, where it is whole; the API
 * server's pods of this node; the links on the bridge. Pools that none of them speaks of are left out, and so is what is left of
 * a network that no captured configuration names and no pod uses any more.
 */
export const leakedAddresses = defineNodeFact({
  name: 'leaked addresses',
  needs: { pools: ipamPools },
  wants: { sandboxes: liveSandboxes, pods: podsOfNode, interfaces },
  compute({ pools, sandboxes, pods, interfaces }, node): Availability<readonly PoolLeak[]> {
    const anyConfigured = pools.some(({ configured }) => configured)
    const leaks = pools.flatMap((pool): readonly PoolLeak[] => {
      const leak = leakOf(pool, sandboxes, pods, interfaces)
      if (leak === undefined) return []
      return pool.configured || leak.isMatched || !anyConfigured ? [leak] : []
    })
    if (leaks.length === 0 && pools.some(({ reservations }) => reservations.length > 0)) {
      return unavailable({
        code: 'not-captured',
        node: node.id,
        what: { en: 'any list of the pods on this node', zh: '本节点的 Pod 列表' },
      })
    }
    return available(leaks)
  },
})

function leakOf(
  pool: IpamPool,
  sandboxes: LiveSandboxes | undefined,
  pods: PodsOfNode | undefined,
  interfaces: readonly NodeInterface[] | undefined,
): PoolLeak | undefined {
  const links = linksOf(pool, interfaces)
  const starting = startingPods(pool, pods)
  const common = { pool, starting, ...(links === undefined ? {} : { links }) }
  if (sandboxes !== undefined) {
    const orphans = pool.reservations.filter(
      ({ containerId }) => containerId === undefined || !sandboxes.knows(containerId),
    )
    return { ...common, ...counted(pool, orphans, starting), proof: 'sandboxes', origins: sandboxes.origins }
  }
  if (pods !== undefined && pool.configured) {
    const held = new Set(pods.pods.flatMap(({ podAddresses }) => podAddresses))
    const orphans = pool.reservations.filter(({ address }) => !held.has(address))
    const { count, isMatched } = counted(pool, orphans, starting)
    // Pods that have a link on the bridge live, whatever the API server knows of them.
    const most = pool.reservations.length - (links ?? 0)
    const bounded = Math.max(0, Math.min(count, most))
    return { ...common, count: bounded, isMatched, orphans, proof: 'pods', origins: [pods.origin] }
  }
  if (links === undefined) return undefined
  const count = Math.max(0, pool.reservations.length - links - starting)
  return { ...common, count, orphans: [], isMatched: links > 0, proof: 'links', origins: [] }
}

function counted(pool: IpamPool, orphans: readonly IpamReservation[], starting: number) {
  return {
    orphans,
    count: Math.max(0, orphans.length - starting),
    isMatched: orphans.length < pool.reservations.length,
  }
}

/**
 * Pods that have no address yet. Where they wait because there is none left, most of them hold nothing: no more of them count than
 * a runtime makes at once.
 */
function startingPods({ capacity }: IpamPool, pods: PodsOfNode | undefined): number {
  const starting = (pods?.pods ?? []).filter(
    ({ phase, podAddresses, hostNetwork }) =>
      phase === 'Pending' && podAddresses.length === 0 && !hostNetwork,
  )
  return Math.min(starting.length, Math.max(MOST_AT_ONCE, Math.floor(capacity / 10)))
}

/** Links of pods on the pool's bridge, one a pod. */
function linksOf({ bridge }: IpamPool, interfaces: readonly NodeInterface[] | undefined): number | undefined {
  if (bridge === undefined || interfaces === undefined) return undefined
  return interfaces.filter(({ role, master }) => role === 'pod' && master === bridge).length
}
