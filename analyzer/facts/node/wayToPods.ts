import { type Address, addressFromBigInt, addressToBigInt, isV4 } from '../../net/address.ts'
import { type Prefix, prefixSize } from '../../net/prefix.ts'
import type { PodPeer } from '../cluster/podPeers.ts'
import type { NodeInterface } from './interfaces.ts'
import { type RouteAnswer, type RouteWay, tableName, waysOf } from './routeLookup.ts'
import type { Routes } from './routes.ts'
import type { Vtep } from './vteps.ts'

/** How a node sends packets to the pods of a peer. */
export type WayToPods =
  /** Through flannel’s VXLAN device, to the device of the peer. */
  | { readonly kind: 'tunnel'; readonly answer: RouteAnswer; readonly own: Vtep; readonly peer: Vtep }
  /** To an address of the peer on the nodes’ own network. */
  | { readonly kind: 'direct'; readonly answer: RouteAnswer }
  /** Some other tunnel or plugin takes them, or a policy rule: nothing that can be judged here. */
  | { readonly kind: 'other' }
  /** No route is for these pods: none takes them, or one that is for more than them (the default route). */
  | { readonly kind: 'none'; readonly answer?: RouteAnswer }
  /** A route for these pods refuses them, or leads elsewhere. */
  | { readonly kind: 'elsewhere'; readonly answer: RouteAnswer }

const KERNEL_TABLES: ReadonlySet<string> = new Set(['local', 'main', 'default'])
/** Kinds of devices that carry packets on in a way of their own. */
const TUNNELS: ReadonlySet<string> = new Set(
  'ipip ip6tnl sit gre gretap vti vti6 xfrm wireguard tun vxlan geneve'.split(' '),
)

/** An address of the network that a plugin may give to a pod. */
export function podAddressOf({ address, length }: Prefix): Address {
  const offset = prefixSize({ address, length }) > 4n ? 2n : 0n
  return addressFromBigInt(addressToBigInt(address) + offset, isV4(address) ? 'v4' : 'v6')
}

/** The devices of two nodes that are ends of one tunnel: of one family and VXLAN identifier. */
export function tunnelBetween(
  ours: readonly Vtep[],
  theirs: readonly Vtep[],
  family: Address,
): { readonly own: Vtep; readonly peer: Vtep } | undefined {
  const peer = theirs.find(({ address }) => isV4(address) === isV4(family))
  const own = ours.find(
    ({ address, device }) => isV4(address) === isV4(family) && device.vxlan?.vni === peer?.device.vxlan?.vni,
  )
  return own && peer && { own, peer }
}

/** How a node with these routes and devices sends to one network of a peer’s pods. */
export function wayToPods(
  routes: Routes,
  interfaces: readonly NodeInterface[],
  ours: readonly Vtep[],
  peer: PodPeer,
  network: Prefix,
): WayToPods {
  const answer = routes.lookup(podAddressOf(network))
  if (answer === undefined) return { kind: 'none' }
  const { route, table } = answer
  if (route === undefined || !KERNEL_TABLES.has(tableName(table))) return { kind: 'other' }
  const tunnel = tunnelBetween(ours, peer.vteps, network.address)
  const ways = waysOf(route)
  const isInto = ({ device, via }: RouteWay) =>
    device === tunnel?.own.device.name && via === tunnel?.peer.address
  if (tunnel && ways.some(isInto)) return { kind: 'tunnel', answer, ...tunnel }
  if (ways.some(({ via }) => via !== undefined && peer.addresses.has(via))) return { kind: 'direct', answer }
  if (ways.some(({ device }) => isCarrier(device, tunnel?.own, interfaces))) return { kind: 'other' }
  return { kind: route.destination.length < network.length ? 'none' : 'elsewhere', answer }
}

/** flannel’s own device carries nothing without the gateway that is the peer. */
function isCarrier(
  name: string | undefined,
  own: Vtep | undefined,
  interfaces: readonly NodeInterface[],
): boolean {
  const device = interfaces.find((known) => known.name === name)
  if (device === undefined || name === own?.device.name) return false
  return TUNNELS.has(device.kind ?? '') || /^(?:flannel|cilium|weave|ovn|antrea|kube-)/.test(device.name)
}
