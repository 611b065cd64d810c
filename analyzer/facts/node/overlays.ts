import { type Availability, available } from '../../engine/availability.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { type Address, isV6 } from '../../net/address.ts'
import { type NodeInterface, interfaces } from './interfaces.ts'
import { nodeAddresses } from './nodeAddresses.ts'
import { type Routes, routes } from './routes.ts'

/** A tunnel device that carries the pods’ packets, and the interface that it sends by. */
export interface Overlay {
  readonly device: NodeInterface
  readonly underlay: NodeInterface
  /** What encapsulation adds to each packet. */
  readonly overheadBytes: number
}

/**
 * Bytes that each kind adds to an inner packet, over IPv4 and over IPv6: outer IP header, UDP, VXLAN or Geneve header and inner Ethernet
 * header (RFC 7348, RFC 8926 without options); IP in IP; WireGuard’s 32 bytes with UDP and IP, as wg-quick reckons.
 */
const OVERHEADS: ReadonlyMap<string, { readonly v4: number; readonly v6: number }> = new Map([
  ['vxlan', { v4: 50, v6: 70 }],
  ['geneve', { v4: 50, v6: 70 }],
  ['ipip', { v4: 20, v6: 20 }],
  ['wireguard', { v4: 60, v6: 80 }],
])

/**
 * The overlays of a node that are in use: up, and, for those that only carry what is routed to them, with a route. Left out are
 * overlays whose underlay cannot be told (no local address, no default route), and devices that Cilium, Weave or Open vSwitch hand
 * packets to one by one: routes or the pods' own MTU keep those small enough, whatever the device has (1500, 65000 bytes).
 */
export const overlays = defineNodeFact({
  name: 'overlays',
  needs: { interfaces },
  wants: { routes, addresses: nodeAddresses },
  compute({ interfaces, routes, addresses }): Availability<readonly Overlay[]> {
    const host = interfaces.filter(({ role, flags }) => role === 'host' && flags.has('LOWER_UP'))
    const registered = addresses?.find((known) => known.registered && known.device !== undefined)
    const main = registered?.device ?? routes?.defaults('v4')[0]?.device
    const found: Overlay[] = []
    for (const device of interfaces) {
      const overhead = OVERHEADS.get(device.kind ?? '')
      if (overhead === undefined || device.isExternal === true || !device.flags.has('UP')) continue
      if (!isUsed(device, routes)) continue
      const local = device.vxlan?.local ?? device.tunnel?.local
      const lower = device.vxlan?.device ?? holderOf(local, host) ?? towardsPeers(device, routes) ?? main
      const underlay = host.find(({ name }) => name === lower)
      if (underlay === undefined) continue
      const overV6 = local !== undefined && isV6(local)
      found.push({ device, underlay, overheadBytes: overV6 ? overhead.v6 : overhead.v4 })
    }
    return available(found)
  },
})

function holderOf(local: Address | undefined, host: readonly NodeInterface[]): string | undefined {
  return host.find(({ addresses }) => addresses.some(({ address }) => address === local))?.name
}

/** Calico's tunl0 has no address of its own to send from: the way to the nodes that are the gateways of its routes. */
function towardsPeers({ name }: NodeInterface, routes: Routes | undefined): string | undefined {
  const gateway = routes?.all.find(({ device, via }) => device === name && via !== undefined)?.via
  const device = gateway === undefined ? undefined : routes?.lookup(gateway)?.route?.device
  return device === name ? undefined : device
}

/** tunl0 is there as soon as the module is loaded, and carries nothing until something is routed to it. */
function isUsed({ name, kind }: NodeInterface, routes: Routes | undefined): boolean {
  if (kind !== 'ipip') return true
  return routes?.all.some(({ device, type }) => device === name && type === 'unicast') ?? false
}
