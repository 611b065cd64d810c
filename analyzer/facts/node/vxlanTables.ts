import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available, unavailable } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import type { NodeScope } from '../../engine/scope.ts'
import type { Address } from '../../net/address.ts'
import type { Mac } from '../../net/mac.ts'
import type { FdbEntry } from '../../parsers/bridgeFdb.ts'
import type { Neighbour } from '../../parsers/ipNeigh.ts'
import { captured } from '../../sources/captured.ts'

/** A neighbour entry with a hardware address. */
export interface TunnelNeighbour extends Neighbour {
  readonly mac: Mac
  readonly origin: Evidence
}

/** Where a device sends the frames for a hardware address. */
export interface TunnelForwarding extends FdbEntry {
  readonly dst: Address
  readonly origin: Evidence
}

/** What a VXLAN device needs beside routes to reach its peers. */
export interface VxlanTables {
  /** Resolved ones by device, then by address. */
  readonly neighbours: (device: string) => ReadonlyMap<Address, TunnelNeighbour>
  /** By device, then by hardware address. */
  readonly forwarding: (device: string) => ReadonlyMap<Mac, readonly TunnelForwarding[]>
  /** The whole listings, for what they do not hold. */
  readonly neighbourListing: Evidence
  readonly forwardingListing: Evidence
}

/** What lies in no listing: an entry may be missing only where the listing is whole. */
function shortfallOf(node: NodeScope, { path, status }: Capture<unknown>): Availability<never> | undefined {
  if (status === 'ok' || status === 'empty') return undefined
  return unavailable({ code: status === 'truncated' ? status : 'failed', node: node.id, what: path })
}

/** Neighbours and forwarding entries of VXLAN devices; unavailable where one of the listings is not whole. */
export const vxlanTables = defineNodeFact({
  name: 'neighbours and forwarding entries of VXLAN devices',
  needs: { neigh: captured.ipNeigh, fdb: captured.bridgeFdb },
  compute({ neigh, fdb }, node): Availability<VxlanTables> {
    const short = shortfallOf(node, neigh) ?? shortfallOf(node, fdb)
    if (short) return short
    const neighbours = new Map<string, Map<Address, TunnelNeighbour>>()
    for (const entry of neigh.value) {
      const { mac, device, address, states, flags } = entry
      if (mac === undefined || states.includes('FAILED') || flags.has('proxy')) continue
      const own = neighbours.get(device) ?? new Map<Address, TunnelNeighbour>()
      neighbours.set(device, own.set(address, { ...entry, mac, origin: neigh.cite(entry.line) }))
    }
    const forwarding = new Map<string, Map<Mac, TunnelForwarding[]>>()
    for (const entry of fdb.value) {
      const { dst, device, mac } = entry
      if (dst === undefined) continue
      const own = forwarding.get(device) ?? new Map<Mac, TunnelForwarding[]>()
      const ways = own.get(mac) ?? []
      ways.push({ ...entry, dst, origin: fdb.cite(entry.line) })
      forwarding.set(device, own.set(mac, ways))
    }
    return available({
      neighbours: (device) => neighbours.get(device) ?? new Map(),
      forwarding: (device) => forwarding.get(device) ?? new Map(),
      neighbourListing: neigh.cite({ number: 0, text: '' }),
      forwardingListing: fdb.cite({ number: 0, text: '' }),
    })
  },
})
