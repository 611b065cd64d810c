import type { AddressOwners } from '../../facts/cluster/addressOwners.ts'
import type { PeerEntry } from '../../facts/node/peerEntries.ts'
import { type Address, isV4 } from '../../net/address.ts'
import type { Mac } from '../../net/mac.ts'

/** Two or three addresses that one hardware address answers for. */
export interface OneMacForTwo {
  readonly mac: Mac
  readonly entries: readonly PeerEntry[]
  /** The node that has them all, which sent no bundle; left out where only some are known. */
  readonly owner?: string
}

/** More addresses behind one hardware address are a router's that answers for others (proxy ARP, cloud networks). */
const MOST = 3

/**
 * Peers' addresses of one node's view that share a hardware address although they are known addresses of a node: ARP flux seen from
 * one side. Left out are gateways, addresses that may move to another machine, and those of which no node is known.
 */
export function oneMacForTwo(seen: {
  readonly entries: readonly PeerEntry[]
  readonly owners: AddressOwners
  readonly gateways: ReadonlySet<Address>
  readonly movable: ReadonlySet<Address>
}): OneMacForTwo[] {
  const byMac = new Map<Mac, PeerEntry[]>()
  for (const entry of seen.entries) {
    if (isV4(entry.address)) byMac.set(entry.mac, [...(byMac.get(entry.mac) ?? []), entry])
  }
  const found: OneMacForTwo[] = []
  for (const [mac, entries] of byMac) {
    const addresses = new Set(entries.map(({ address }) => address))
    if (addresses.size < 2 || addresses.size > MOST) continue
    if ([...addresses].some((address) => seen.gateways.has(address) || seen.movable.has(address))) continue
    const owners = [...addresses].map((address) => seen.owners.get(address)?.[0]?.node)
    const known = owners.filter((owner) => owner !== undefined)
    const [first] = known
    if (first === undefined) continue
    const isOneNode = known.length === addresses.size && known.every((owner) => owner === first)
    found.push({ mac, entries, ...(isOneNode && { owner: first }) })
  }
  return found
}
