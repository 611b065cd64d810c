import { type Availability, available } from '../../engine/availability.ts'
import { type OfNode, defineClusterFact, eachNode, valueOfNode } from '../../engine/fact.ts'
import { isV4 } from '../../net/address.ts'
import { formatPrefix } from '../../net/prefix.ts'
import { captured } from '../../sources/captured.ts'
import { type NodeInterface, interfaces } from '../node/interfaces.ts'
import type { CitedPrefix } from '../node/podNetworks.ts'
import { type Routes, routes } from '../node/routes.ts'
import { type WayToPods, wayToPods } from '../node/wayToPods.ts'
import { clusterMates } from './clusterMates.ts'
import { FAR_APART_MS } from './farApart.ts'
import { type PodPeer, podPeers } from './podPeers.ts'

/** How one node of the case sends to the pods of another one. */
export interface PeerWay {
  readonly peer: PodPeer
  readonly network: CitedPrefix
  readonly way: WayToPods
  /** Another node of the cluster sends to these pods by way of the peer’s own address, or the peer so to the pods of this node. */
  readonly isRouted: boolean
  /** The two were captured more than ten minutes apart: one may not yet have known the other. */
  readonly isFarApart: boolean
}

type Way = Omit<PeerWay, 'isRouted'>

/** The ways to all peers, by node. */
export interface PeerWays {
  readonly of: (node: string) => readonly PeerWay[]
  /** Another plugin’s dataplane carries the packets of its pods: it is not judged. */
  readonly isOtherPlugins: (node: string) => boolean
  /** Some node of the case may be of another cluster, as far as anything tells. */
  readonly hasStrangers: (node: string) => boolean
}

const HOUR_MS = 3_600_000
/** A bundle that much older may be of a node that is no more. */
const OTHER_TIME_MS = 24 * HOUR_MS
/** Plugins with a dataplane of their own: what flannel left behind carries nothing there. */
const OTHER_PLUGINS = /^(?:cilium_host|cilium_net|vxlan\.calico|antrea-gw0|ovn-k8s-mp0)$/

/**
 * How the nodes of a cluster send to each other’s pods, by their routes. Nodes are left out of which nothing tells that they are of
 * one cluster, that were captured a day apart, or that have another plugin’s dataplane (Calico with BIRD, Cilium, Antrea, OVN).
 */
export const peerWays = defineClusterFact({
  name: 'ways to the pods of peers',
  needs: {
    peers: podPeers,
    mates: clusterMates,
    routes: eachNode(routes),
    tables: eachNode(captured.ipRoute),
    tables6: eachNode(captured.ip6Route),
    interfaces: eachNode(interfaces),
  },
  compute({ peers, mates, routes, tables, tables6, interfaces }): Availability<PeerWays> {
    const isJudged = ({ node }: PodPeer) => !hasOtherPlugin(node, routes, interfaces)
    const judged = peers.filter(isJudged)
    const ways = new Map<string, Way[]>()
    for (const own of judged) {
      const known = valueOfNode(routes, own.node)
      if (known === undefined) continue
      const isWhole = {
        v4: valueOfNode(tables, own.node)?.status === 'ok',
        v6: valueOfNode(tables6, own.node)?.status === 'ok',
      }
      const devices = valueOfNode(interfaces, own.node) ?? []
      const mine: Way[] = []
      for (const peer of judged) {
        if (peer === own || mates.of(own.node, peer.node) !== true) continue
        const apartMs = Math.abs((own.collectedAtMs ?? 0) - (peer.collectedAtMs ?? 0))
        if (apartMs > OTHER_TIME_MS) continue
        for (const network of peer.networks) {
          if (!isWhole[isV4(network.prefix.address) ? 'v4' : 'v6']) continue
          const way = wayToPods(known, devices, own.vteps, peer, network.prefix)
          mine.push({ peer, network, way, isFarApart: apartMs > FAR_APART_MS })
        }
      }
      ways.set(own.node, mine)
    }
    const direct = directPairs(ways)
    return available({
      of: (node) =>
        (ways.get(node) ?? []).map(({ peer, network, way, isFarApart }) => ({
          peer,
          network,
          way,
          isFarApart,
          isRouted: isRouted(node, { peer, network }, direct),
        })),
      isOtherPlugins: (node) => hasOtherPlugin(node, routes, interfaces),
      hasStrangers: (node) =>
        judged.some((peer) => peer.node !== node && mates.of(node, peer.node) === undefined),
    })
  },
})

function hasOtherPlugin(
  node: string,
  routes: readonly OfNode<Routes>[],
  interfaces: readonly OfNode<readonly NodeInterface[]>[],
): boolean {
  if ((valueOfNode(interfaces, node) ?? []).some(({ name }) => OTHER_PLUGINS.test(name))) return true
  return (valueOfNode(routes, node)?.all ?? []).some(({ protocol }) => protocol === 'bird')
}

/** Which networks are reached by way of their node’s own address, and which nodes reach some so. */
interface DirectPairs {
  readonly networks: ReadonlySet<string>
  readonly pairs: ReadonlySet<string>
}

function directPairs(ways: ReadonlyMap<string, readonly Way[]>): DirectPairs {
  const networks = new Set<string>()
  const pairs = new Set<string>()
  for (const [node, list] of ways) {
    for (const { peer, network, way } of list) {
      if (way.kind !== 'direct') continue
      networks.add(formatPrefix(network.prefix))
      pairs.add(`${node} ${peer.node}`)
    }
  }
  return { networks, pairs }
}

function isRouted(
  node: string,
  { peer, network }: Pick<PeerWay, 'peer' | 'network'>,
  { networks, pairs }: DirectPairs,
): boolean {
  return networks.has(formatPrefix(network.prefix)) || pairs.has(`${peer.node} ${node}`)
}
