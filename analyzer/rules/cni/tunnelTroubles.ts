import type { Capture } from '../../bundle/bundle.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { type OfNode, valueOfNode } from '../../engine/fact.ts'
import type { ClusterMates } from '../../facts/cluster/clusterMates.ts'
import { isFarApart } from '../../facts/cluster/farApart.ts'
import type { PodPeer } from '../../facts/cluster/podPeers.ts'
import type { Vtep } from '../../facts/node/vteps.ts'
import type { VxlanTables } from '../../facts/node/vxlanTables.ts'
import { tunnelBetween } from '../../facts/node/wayToPods.ts'
import type { Interface } from '../../parsers/ipAddr.ts'

/** One end of a tunnel. */
export interface TunnelEnd {
  readonly node: string
  readonly vtep: Vtep
}

/** One end that sends and does not receive. */
export interface SilentEnd extends TunnelEnd {
  readonly sentPackets: number
  /** The lines with its counters. */
  readonly sent: Evidence
  readonly received: Evidence
}

/** What is wrong between the VXLAN devices of nodes that are up, each by itself. */
export type TunnelTrouble =
  | {
      /** The ends of one tunnel send to different ports, at which the others do not listen. */
      readonly kind: 'ports'
      readonly vni: number
      /** All ends of the case, in the order of their nodes. */
      readonly ends: readonly TunnelEnd[]
      /** Some were captured more than ten minutes apart: the port may have been changed in between. */
      readonly isFarApart: boolean
    }
  | {
      /** They have sent, and nothing has ever come in. */
      readonly kind: 'silent'
      readonly ends: readonly SilentEnd[]
    }

/** What the bundles say of all nodes. */
export interface TunnelSources {
  readonly peers: readonly PodPeer[]
  readonly mates: ClusterMates
  readonly tables: readonly OfNode<VxlanTables>[]
  readonly links: readonly OfNode<Capture<readonly Interface[]>>[]
}

/** A few packets may go to pods that are gone. Multicast, which flannel’s devices have nobody to send to, counts as dropped. */
const FEWEST_PACKETS = 20

/** The troubles of flannel’s tunnels that a node has a part in. */
export function tunnelTroubles(node: string, sources: TunnelSources): readonly TunnelTrouble[] {
  const own = sources.peers.find((peer) => peer.node === node)
  return (own?.vteps ?? []).flatMap((vtep) => {
    const mates = sources.peers.filter((peer) => peer !== own && sources.mates.of(node, peer.node) === true)
    const ends = [{ node, vtep }, ...mates.flatMap((peer) => endOf(vtep, peer))].toSorted((a, b) =>
      a.node < b.node ? -1 : 1,
    )
    return portsOf(vtep, ends, sources) ?? silenceOf(node, ends, sources) ?? []
  })
}

function endOf(own: Vtep, { node, vteps }: PodPeer): readonly TunnelEnd[] {
  const peer = tunnelBetween([own], vteps, own.address)?.peer
  return peer === undefined ? [] : [{ node, vtep: peer }]
}

function portsOf(
  own: Vtep,
  ends: readonly TunnelEnd[],
  { peers, tables }: TunnelSources,
): TunnelTrouble | undefined {
  const { vni, destinationPort } = own.device.vxlan ?? {}
  const others = ends.filter(({ vtep }) => vtep.device.vxlan?.destinationPort !== destinationPort)
  if (vni === undefined || destinationPort === undefined || others.length === 0) return undefined
  // An entry may bring a port of its own with it.
  const isByEntry = tables.some(({ value }) =>
    [...value.forwarding(own.device.name).values()].flat().some(({ port }) => port !== undefined),
  )
  const times = ends.flatMap(({ node }) => peers.find((peer) => peer.node === node)?.collectedAtMs ?? [])
  return isByEntry ? undefined : { kind: 'ports', vni, ends, isFarApart: isFarApart(times) }
}

function silenceOf(
  node: string,
  ends: readonly TunnelEnd[],
  { links }: TunnelSources,
): TunnelTrouble | undefined {
  const silent = ends.flatMap((end): readonly SilentEnd[] => {
    const capture = valueOfNode(links, end.node)
    const { sent, received } = capture?.value.find(({ name }) => name === end.vtep.device.name) ?? {}
    if (capture === undefined || sent === undefined || received === undefined) return []
    if (received.packets > 0 || sent.packets < FEWEST_PACKETS) return []
    return [
      {
        ...end,
        sentPackets: sent.packets,
        sent: capture.cite(sent.line),
        received: capture.cite(received.line),
      },
    ]
  })
  return silent.some((end) => end.node === node) ? { kind: 'silent', ends: silent } : undefined
}
