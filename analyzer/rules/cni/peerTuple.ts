import { isV4 } from '../../net/address.ts'
import { isBeyond } from '../../net/isBeyond.ts'
import type { PeerWay } from '../../facts/cluster/peerWays.ts'
import type { Routes } from '../../facts/node/routes.ts'
import type { Vtep } from '../../facts/node/vteps.ts'
import type { TunnelForwarding, VxlanTables } from '../../facts/node/vxlanTables.ts'
import { tunnelBetween } from '../../facts/node/wayToPods.ts'

/** One of the three entries that a node needs for the pods of a peer; with a VXLAN device all, without one the route alone. */
export type TupleEntry = 'route' | 'neighbour' | 'forwarding' | 'destination'

/** What is wrong with the entries of a node for one network of a peer. */
export interface TupleFault {
  /** `destination`: the forwarding entry is there, and leads to an address that is not the peer’s. */
  readonly entry: TupleEntry
  readonly tunnel?: { readonly own: Vtep; readonly peer: Vtep }
  /** Of a wrong destination. */
  readonly forwarding?: TunnelForwarding
}

/** The first entry for the pods of a peer that is missing or wrong, in the order in which a packet needs them. */
export function tupleFault(
  { peer, network, way, isRouted, isFarApart }: PeerWay,
  ours: readonly Vtep[],
  routes: Routes,
  tables: VxlanTables | undefined,
): TupleFault | undefined {
  if (way.kind === 'none') {
    const tunnel = tunnelBetween(ours, peer.vteps, network.prefix.address)
    // Nodes that were captured at different times, and of which one knows nothing of the other, had not yet met, or have parted.
    if (isFarApart && !(tunnel && isKnown(tunnel, tables))) return undefined
    if (tunnel) return { entry: 'route', tunnel }
    const isNear = [...peer.addresses].some((address) => isOnLink(routes, address, network.prefix.address))
    return isRouted && isNear ? { entry: 'route' } : undefined
  }
  if (way.kind !== 'tunnel' || tables === undefined) return undefined
  const tunnel = { own: way.own, peer: way.peer }
  const device = way.own.device.name
  const neighbour = tables.neighbours(device).get(way.peer.address)
  if (neighbour === undefined) return { entry: 'neighbour', tunnel }
  // A wrong hardware address is told by flannel-vtep-mac-mismatch.
  if (neighbour.mac !== way.peer.mac) return undefined
  const forwarding = tables.forwarding(device).get(neighbour.mac)
  if (forwarding === undefined) {
    const isFlooded = way.own.device.vxlan?.remote !== undefined || tables.forwarding(device).has(FLOOD)
    return isFlooded ? undefined : { entry: 'forwarding', tunnel }
  }
  const [wrong] = forwarding
  const isRight = forwarding.some(({ dst }) => peer.addresses.has(dst) || isBeyond(dst, peer.addresses))
  return isRight || wrong === undefined ? undefined : { entry: 'destination', tunnel, forwarding: wrong }
}

function isKnown({ own, peer }: NonNullable<TupleFault['tunnel']>, tables: VxlanTables | undefined): boolean {
  const { name } = own.device
  return (
    tables?.neighbours(name).has(peer.address) === true || tables?.forwarding(name).has(peer.mac) === true
  )
}

/** Where a VXLAN device sends frames that it has no entry for. */
const FLOOD = '00:00:00:00:00:00' as Vtep['mac']

/** In a network of the node itself: it needs no gateway to get there. */
function isOnLink(routes: Routes, address: Vtep['address'], family: Vtep['address']): boolean {
  if (isV4(address) !== isV4(family)) return false
  const route = routes.lookup(address)?.route
  return route?.type === 'unicast' && route.via === undefined && route.destination.length > 0
}
