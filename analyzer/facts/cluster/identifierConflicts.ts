import { type Availability, available } from '../../engine/availability.ts'
import { defineClusterFact, eachNode, valueOfNode } from '../../engine/fact.ts'
import { isBeyond } from '../../net/isBeyond.ts'
import type { RouteOfNode } from '../node/routeLookup.ts'
import { routes } from '../node/routes.ts'
import type { Vtep } from '../node/vteps.ts'
import {
  type TunnelForwarding,
  type TunnelNeighbour,
  type VxlanTables,
  vxlanTables,
} from '../node/vxlanTables.ts'
import { clusterMates } from './clusterMates.ts'
import { peerWays } from './peerWays.ts'
import { type PodPeer, podPeers } from './podPeers.ts'

/** One of the devices that should be ends of one tunnel. */
export interface IdentifierEnd {
  readonly node: string
  readonly vtep: Vtep
  readonly collectedAtMs?: number
}

/** A node that sends through a VXLAN device to a peer that takes in no frames with the identifier of this device. */
export interface IdentifierConflict {
  readonly from: IdentifierEnd
  readonly to: IdentifierEnd
  /** The entries of the sender that lead to the peer. */
  readonly neighbour: TunnelNeighbour
  readonly forwarding: TunnelForwarding
}

/**
 * VXLAN devices of flannel that lead to a device with another identifier (VNI), by a route, a neighbour entry and a forwarding entry, which
 * name its address, its hardware address and its node: the kernel there drops what bears an identifier that no device has
 * (drivers/net/vxlan, vxlan_vs_find_vni). Devices of several overlays beside each other lead each to their own.
 */
export const identifierConflicts = defineClusterFact({
  name: 'VXLAN devices that lead to another identifier',
  needs: {
    peers: podPeers,
    mates: clusterMates,
    ways: peerWays,
    tables: eachNode(vxlanTables),
    routes: eachNode(routes),
  },
  compute({ peers, mates, ways, tables, routes }): Availability<readonly IdentifierConflict[]> {
    const judged = peers.filter(({ node }) => !ways.isOtherPlugins(node))
    const holders = holdersIn(judged)
    return available(
      judged.flatMap((own) => {
        const listed = valueOfNode(tables, own.node)
        const gateways = valueOfNode(routes, own.node)?.all ?? []
        if (listed === undefined) return []
        return own.vteps.flatMap((vtep) =>
          conflictsOf({ own, vtep, listed, gateways }, holders).filter(
            ({ to }) => mates.of(own.node, to.node) === true,
          ),
        )
      }),
    )
  },
})

/** A node's devices with one address and one hardware address. */
interface Holder {
  readonly peer: PodPeer
  readonly vteps: Vtep[]
}

type Holders = ReadonlyMap<string, readonly Holder[]>

/** A device, and what its node does with packets for it. */
interface Sender {
  readonly own: PodPeer
  readonly vtep: Vtep
  readonly listed: VxlanTables
  readonly gateways: readonly RouteOfNode[]
}

function holdersIn(peers: readonly PodPeer[]): Holders {
  const holders = new Map<string, Holder[]>()
  for (const peer of peers) {
    for (const vtep of peer.vteps) {
      const known = holders.get(keyOf(vtep)) ?? []
      holders.set(keyOf(vtep), known)
      const own = known.find((each) => each.peer === peer)
      if (own === undefined) known.push({ peer, vteps: [vtep] })
      else own.vteps.push(vtep)
    }
  }
  return holders
}

function conflictsOf({ own, vtep, listed, gateways }: Sender, holders: Holders): IdentifierConflict[] {
  const { name, vxlan } = vtep.device
  return [...listed.neighbours(name).values()].flatMap((neighbour) => {
    const [holder, ...others] = holders.get(keyOf(neighbour)) ?? []
    const theirs = holder?.vteps[0]
    if (holder === undefined || theirs === undefined || others.length > 0 || holder.peer === own) return []
    if (holder.vteps.some(({ device }) => device.vxlan?.vni === vxlan?.vni)) return []
    const isRouted = gateways.some(({ device, via }) => device === name && via === neighbour.address)
    const forwarding = listed
      .forwarding(name)
      .get(neighbour.mac)
      ?.find((entry) => leadsTo(entry, holder.peer))
    if (!isRouted || forwarding === undefined) return []
    return [{ from: endOf(own, vtep), to: endOf(holder.peer, theirs), neighbour, forwarding }]
  })
}

/** An entry may bring an identifier of its own with it. */
function leadsTo({ dst, vni }: TunnelForwarding, { addresses }: PodPeer): boolean {
  return vni === undefined && (addresses.has(dst) || isBeyond(dst, addresses))
}

function keyOf({ address, mac }: Pick<Vtep, 'address' | 'mac'>): string {
  return `${address} ${mac}`
}

function endOf({ node, collectedAtMs }: PodPeer, vtep: Vtep): IdentifierEnd {
  return { node, vtep, ...(collectedAtMs !== undefined && { collectedAtMs }) }
}
