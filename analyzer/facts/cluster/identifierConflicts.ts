import { type Availability, available } from '../../engine/availability.ts'
import { defineClusterFact, eachNode, valueOfNode } from '../../engine/fact.ts'
import { isBeyond } from '../../net/isBeyond.ts'
import { routes } from '../node/routes.ts'
import type { Vtep } from '../node/vteps.ts'
import { type TunnelForwarding, type TunnelNeighbour, vxlanTables } from '../node/vxlanTables.ts'
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
    const holders = new Map<string, { readonly peer: PodPeer; readonly vteps: Vtep[] }[]>()
    for (const peer of judged) {
      for (const vtep of peer.vteps) {
        const known = holders.get(keyOf(vtep)) ?? []
        const own = known.find((each) => each.peer === peer)
        if (own === undefined) holders.set(keyOf(vtep), [...known, { peer, vteps: [vtep] }])
        else own.vteps.push(vtep)
      }
    }
    const conflicts: IdentifierConflict[] = []
    for (const own of judged) {
      const listed = valueOfNode(tables, own.node)
      for (const vtep of own.vteps) {
        const { name, vxlan } = vtep.device
        for (const neighbour of listed?.neighbours(name).values() ?? []) {
          const [holder, ...others] = holders.get(keyOf(neighbour)) ?? []
          const theirs = holder?.vteps[0]
          if (holder === undefined || theirs === undefined || others.length > 0) continue
          const { peer } = holder
          if (peer === own || mates.of(own.node, peer.node) !== true) continue
          if (holder.vteps.some(({ device }) => device.vxlan?.vni === vxlan?.vni)) continue
          const isRouted = valueOfNode(routes, own.node)?.all.some(
            ({ device, via }) => device === name && via === neighbour.address,
          )
          // An entry may bring an identifier of its own with it.
          const forwarding = listed
            ?.forwarding(name)
            .get(neighbour.mac)
            ?.find(
              ({ dst, vni }) =>
                vni === undefined && (peer.addresses.has(dst) || isBeyond(dst, peer.addresses)),
            )
          if (isRouted !== true || forwarding === undefined) continue
          conflicts.push({ from: endOf(own, vtep), to: endOf(peer, theirs), neighbour, forwarding })
        }
      }
    }
    return available(conflicts)
  },
})

function keyOf({ address, mac }: Pick<Vtep, 'address' | 'mac'>): string {
  return `${address} ${mac}`
}

function endOf({ node, collectedAtMs }: PodPeer, vtep: Vtep): IdentifierEnd {
  return { node, vtep, ...(collectedAtMs !== undefined && { collectedAtMs }) }
}
