import { type Availability, available } from '../../engine/availability.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { type Address, isV4 } from '../../net/address.ts'
import { prefixContains, prefixSize } from '../../net/prefix.ts'
import { isLive } from '../cluster/isLive.ts'
import { calicoBlocks } from '../cluster/calicoBlocks.ts'
import { kubeApi } from '../cluster/kubeApi.ts'
import type { RouteOfNode } from './routeLookup.ts'
import { routes } from './routes.ts'

/** How much of a node's own IPv4 blocks of Calico is seen in use. */
export interface CalicoBlockUse {
  /** Blocks that the node announces: `blackhole 10.42.5.128/26 proto bird`. */
  readonly blocks: readonly RouteOfNode[]
  /** Addresses in them. */
  readonly capacity: number
  /** Addresses of them that somebody is seen to have. */
  readonly used: ReadonlySet<Address>
  /** The node's routes to its pods, in these blocks. */
  readonly pods: readonly RouteOfNode[]
  /** Pods of Calico are on the node, or it announces a block. */
  readonly isCalico: boolean
}

/**
 * The addresses of a node's own blocks that a pod, a tunnel device or another node is seen to have: by the node's routes to single
 * addresses, by the routes of the case's other nodes to their pods, and by the API server’s pods. What Calico's datastore says of the
 * blocks is not captured.
 */
export const calicoBlockUse = defineNodeFact({
  name: 'use of Calico’s blocks',
  needs: { all: calicoBlocks, routes },
  wants: { pods: kubeApi.pods },
  compute({ all, routes, pods }, node): Availability<CalicoBlockUse> {
    const own = all.find((entry) => entry.node === node.id)
    const blocks = (own?.blocks ?? []).filter(({ destination }) => isV4(destination.address))
    const isInside = (address: Address): boolean =>
      blocks.some(({ destination }) => prefixContains(destination, address))
    const single = routes.all
      .filter(({ type, destination }) => type !== 'blackhole' && destination.length === 32)
      .map(({ destination }) => destination.address)
    const elsewhere = all.flatMap((entry) => entry.pods.map(({ destination }) => destination.address))
    const known = (pods?.value ?? [])
      .filter((pod) => !pod.hostNetwork && isLive(pod))
      .flatMap(({ podAddresses }) => podAddresses)
    return available({
      blocks,
      capacity: blocks.reduce((sum, { destination }) => sum + Number(prefixSize(destination)), 0),
      used: new Set([...single, ...elsewhere, ...known].filter(isInside)),
      pods: (own?.pods ?? []).filter(({ destination }) => isInside(destination.address)),
      isCalico: own !== undefined,
    })
  },
})
