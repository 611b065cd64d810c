import { type Availability, available } from '../../engine/availability.ts'
import { defineClusterFact, eachNode } from '../../engine/fact.ts'
import type { RouteOfNode } from '../node/routeLookup.ts'
import { routes } from '../node/routes.ts'

/** What Calico hands out on one node, by the node’s own routes. */
export interface CalicoBlocks {
  /** Id of the bundle. */
  readonly node: string
  /** Blocks that the node announces: `blackhole 10.42.5.128/26 proto bird`. */
  readonly blocks: readonly RouteOfNode[]
  /** Its own pods: `10.42.5.131 dev cali1a2b3c4d5e6 scope link`. */
  readonly pods: readonly RouteOfNode[]
}

/** Routes that BIRD made, and those of Felix, which since 3.30 can do so itself (protocol 80). */
const PROTOCOLS: ReadonlySet<string> = new Set(['bird', '80'])
const POD_DEVICE = /^cali[0-9a-f]/

/** The nodes of the case on which Calico routes pods; empty where none does. */
export const calicoBlocks = defineClusterFact({
  name: 'blocks of Calico',
  needs: { routes: eachNode(routes) },
  compute({ routes }): Availability<readonly CalicoBlocks[]> {
    const all = routes.map(({ node, value }) => ({
      node: node.id,
      blocks: value.all.filter(({ type, protocol = '' }) => type === 'blackhole' && PROTOCOLS.has(protocol)),
      pods: value.all.filter(({ device = '' }) => POD_DEVICE.test(device)),
    }))
    return available(all.filter(({ blocks, pods }) => blocks.length > 0 || pods.length > 0))
  },
})
