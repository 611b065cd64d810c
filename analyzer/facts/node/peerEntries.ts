import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { isLinkLocal } from '../../net/address.ts'
import { type Mac, isSharedMac } from '../../net/mac.ts'
import { prefixContains, prefixOf } from '../../net/prefix.ts'
import type { Neighbour } from '../../parsers/ipNeigh.ts'
import { captured } from '../../sources/captured.ts'
import { type NodeInterface, interfaces } from './interfaces.ts'

/** What the node learned, or was told, of a machine on its own network. */
export interface PeerEntry extends Neighbour {
  readonly mac: Mac
  /** Confirmed within the last half minute (REACHABLE): not remembered (STALE), nor about to be asked for (DELAY, PROBE). */
  readonly isFresh: boolean
  readonly origin: Evidence
}

/** States of entries that were learned by asking (NUD_VALID of net/core/neighbour.h without what was set by hand). */
const LEARNED: ReadonlySet<string> = new Set(['REACHABLE', 'DELAY', 'PROBE', 'STALE'])
/** Set by network plugins, or shown for proxying. */
const GIVEN: readonly string[] = ['extern_learn', 'proxy', 'managed']

/** Links whose neighbours are set by those who set the tunnel up. */
const TUNNELS: ReadonlySet<string> = new Set(['vxlan', 'geneve', 'gretap', 'ip6gretap', 'tun', 'batadv'])

const needs = { neighbours: captured.ipNeigh, interfaces }

/**
 * Neighbour entries that tell who answers for an address on a network of the node itself: learned, not set; on a host interface; of
 * an address inside a network of that interface (for others a router may answer); with a hardware address that one machine bears
 * (not VRRP's).
 */
export const peerEntries = defineNodeFact({
  name: 'neighbours on the node’s networks',
  needs,
  compute({ neighbours, interfaces }): Availability<readonly PeerEntry[]> {
    return available(
      onOwnNetworks(neighbours, interfaces).filter(({ states }) =>
        states.some((state) => LEARNED.has(state)),
      ),
    )
  },
})

/** The like that were set by hand (PERMANENT) on a link where addresses are otherwise asked for: of no tunnel, and not NOARP. */
export const setEntries = defineNodeFact({
  name: 'neighbours on the node’s networks that were set by hand',
  needs,
  compute({ neighbours, interfaces }): Availability<readonly PeerEntry[]> {
    const asking = interfaces.filter(
      ({ kind, flags }) => !TUNNELS.has(kind ?? '') && flags.has('UP') && !flags.has('NOARP'),
    )
    return available(onOwnNetworks(neighbours, asking).filter(({ states }) => states.includes('PERMANENT')))
  },
})

function onOwnNetworks(
  neighbours: Capture<readonly Neighbour[]>,
  interfaces: readonly NodeInterface[],
): readonly PeerEntry[] {
  const networks = new Map(
    interfaces
      .filter(({ role }) => role === 'host')
      .map(({ name, addresses }) => [
        name,
        addresses.map(({ address, prefixLength }) => prefixOf(address, prefixLength)),
      ]),
  )
  return neighbours.value.flatMap((entry) => {
    const { mac, states, flags, device, address, line } = entry
    const inNetwork = networks.get(device)?.some((network) => prefixContains(network, address)) ?? false
    if (mac === undefined || isSharedMac(mac) || !inNetwork || isLinkLocal(address)) return []
    if (GIVEN.some((flag) => flags.has(flag))) return []
    return [{ ...entry, mac, isFresh: states.includes('REACHABLE'), origin: neighbours.cite(line) }]
  })
}
