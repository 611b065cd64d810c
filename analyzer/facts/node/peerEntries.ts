import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { isLinkLocal } from '../../net/address.ts'
import { type Mac, isSharedMac } from '../../net/mac.ts'
import { prefixContains, prefixOf } from '../../net/prefix.ts'
import type { Neighbour } from '../../parsers/ipNeigh.ts'
import { captured } from '../../sources/captured.ts'
import { interfaces } from './interfaces.ts'

/** What the node learned of a machine on its own network. */
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

/**
 * Neighbour entries that tell who answers for an address on a network of the node itself: learned, not set; on a host interface; of
 * an address inside a network of that interface (for others a router may answer); with a hardware address that one machine bears
 * (not VRRP's).
 */
export const peerEntries = defineNodeFact({
  name: 'neighbours on the node’s networks',
  needs: { neighbours: captured.ipNeigh, interfaces },
  compute({ neighbours, interfaces }): Availability<readonly PeerEntry[]> {
    const networks = new Map(
      interfaces
        .filter(({ role }) => role === 'host')
        .map(({ name, addresses }) => [
          name,
          addresses.map(({ address, prefixLength }) => prefixOf(address, prefixLength)),
        ]),
    )
    const entries: PeerEntry[] = []
    for (const entry of neighbours.value) {
      const { mac, states, flags, device, address, line } = entry
      const inNetwork = networks.get(device)?.some((network) => prefixContains(network, address)) ?? false
      if (mac === undefined || isSharedMac(mac) || !inNetwork || isLinkLocal(address)) continue
      if (!states.some((state) => LEARNED.has(state)) || GIVEN.some((flag) => flags.has(flag))) continue
      const isFresh = states.includes('REACHABLE')
      entries.push({ ...entry, mac, isFresh, origin: neighbours.cite(line) })
    }
    return available(entries)
  },
})
