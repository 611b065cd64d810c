import type { Evidence } from '../../engine/evidence.ts'
import type { RouteOfNode } from '../../facts/node/routeLookup.ts'
import type { Routes } from '../../facts/node/routes.ts'
import type { Vtep } from '../../facts/node/vteps.ts'
import type { VxlanTables } from '../../facts/node/vxlanTables.ts'
import type { Address } from '../../net/address.ts'
import type { Mac } from '../../net/mac.ts'

/** Entries for a peer’s VXLAN device of which one is missing; nothing else is known of the peer. */
export interface HalfTuple {
  readonly entry: 'route' | 'neighbour' | 'forwarding'
  /** Of the peer’s device, on the pod network; of the peer itself where only its forwarding entry is there. */
  readonly address: Address
  readonly device: string
  /** The entries that are there. */
  readonly origins: readonly Evidence[]
}

/**
 * Routes, neighbours and forwarding entries of a node’s VXLAN devices that do not go together. Peers of which there is a bundle are
 * left out: they are judged by what they are. Forwarding entries alone are left behind by peers that got a new hardware address, or are
 * no more: they count only where the device has neither routes nor neighbours, as after it was down.
 */
export function halfTuples(
  ours: readonly Vtep[],
  known: readonly Vtep[],
  routes: Routes,
  tables: VxlanTables,
): readonly HalfTuple[] {
  const addresses = new Set(known.map(({ address }) => address))
  const macs = new Set(known.map(({ mac }) => mac))
  const isUnknown = (address: Address, mac?: Mac) =>
    !addresses.has(address) && (mac === undefined || !macs.has(mac))
  return ours.flatMap(({ device: { name } }) => {
    const gateways = new Map<Address, RouteOfNode>()
    for (const route of routes.all) {
      if (route.device === name && route.via !== undefined && route.type === 'unicast')
        gateways.set(route.via, route)
    }
    const neighbours = tables.neighbours(name)
    const forwarding = tables.forwarding(name)
    const halves: HalfTuple[] = []
    for (const [address, route] of gateways) {
      if (!neighbours.has(address) && isUnknown(address))
        halves.push({ entry: 'neighbour', address, device: name, origins: [route.origin] })
    }
    for (const [address, { mac, origin }] of neighbours) {
      const ways = forwarding.get(mac) ?? []
      if (!isUnknown(address, mac)) continue
      const route = gateways.get(address)
      if (ways.length === 0) {
        const origins = [...(route ? [route.origin] : []), origin]
        if (route) halves.push({ entry: 'forwarding', address, device: name, origins })
      } else if (route === undefined && !isRouted(address, name, routes)) {
        const origins = [origin, ...ways.map((way) => way.origin)]
        halves.push({ entry: 'route', address, device: name, origins })
      }
    }
    const left = [...forwarding].flatMap(([mac, ways]) => (macs.has(mac) ? [] : ways))
    const first = left.find(({ state }) => state === 'permanent')
    if (first !== undefined && gateways.size === 0 && neighbours.size === 0) {
      const origins = left.map(({ origin }) => origin)
      halves.push({ entry: 'neighbour', address: first.dst, device: name, origins })
    }
    return halves
  })
}

/** A route for a larger network may lead into the device as well. */
function isRouted(address: Address, device: string, routes: Routes): boolean {
  return routes.lookup(address)?.route?.device === device
}
