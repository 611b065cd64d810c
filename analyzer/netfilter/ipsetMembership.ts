import { parsePrefix, prefixContains } from '../net/prefix.ts'
import type { SetMatch } from '../parsers/iptablesMatches.ts'
import type { Ipset, IpsetSave } from '../parsers/ipsetSave.ts'
import { type Certainty, allHold, anyHolds, certainty } from './certainty.ts'
import type { Packet } from './packet.ts'

/** Sets of sets may name each other in a forged dump. */
const MAX_DEPTH = 4

/**
 * Is the packet in the set, as `ipset save` shows it? Types of addresses, networks and ports, and lists of sets (ipset(8)); undefined
 * for a set that is not there, and where it hangs on source ports, devices, marks or hardware addresses.
 */
export function ipsetMembership(
  sets: IpsetSave,
  { name, directions }: Pick<SetMatch, 'name' | 'directions'>,
  packet: Packet,
): boolean | undefined {
  const answer = inSet(sets, name, directions, packet, 0)
  return answer === 'unknown' ? undefined : answer === 'holds'
}

type Directions = SetMatch['directions']

function inSet(
  sets: IpsetSave,
  name: string,
  directions: Directions,
  packet: Packet,
  depth: number,
): Certainty {
  const set = sets.get(name)
  if (set === undefined || depth >= MAX_DEPTH) return 'unknown'
  const parts = set.type.slice(set.type.indexOf(':') + 1).split(',')
  return anyHolds(
    set.entries.map(({ element, line }) => {
      if (set.type === 'list:set') return inSet(sets, element, directions, packet, depth + 1)
      // An exception from a wider network beside it.
      if (line.text.includes(' nomatch')) return 'unknown'
      return isElement(set, parts, element.split(','), directions, packet)
    }),
  )
}

function isElement(
  { type }: Ipset,
  parts: readonly string[],
  values: readonly string[],
  directions: Directions,
  packet: Packet,
): Certainty {
  if (values.length !== parts.length) return 'unknown'
  return allHold(
    parts.map((part, index) => {
      const value = values[index] ?? ''
      // A match that names fewer directions than the set has parts holds for none (ip_set_core.c).
      const direction = directions[index]
      if (direction === undefined) return 'fails'
      if (part === 'port') return isPort(value, type === 'bitmap:port', direction, packet)
      if (part !== 'ip' && part !== 'net') return 'unknown'
      return isAddress(value, direction === 'src' ? packet.source : packet.destination)
    }),
  )
}

/** `10.244.1.0/24`, `10.96.0.1`; a range cannot be told. */
function isAddress(value: string, address: Packet['source']): Certainty {
  const prefix = parsePrefix(value)
  return certainty(prefix && prefixContains(prefix, address))
}

/** `tcp:443`, `udp:1000-2000`; in a bitmap, which knows no protocol, `30080`. A source port is any. */
function isPort(
  value: string,
  isBitmap: boolean,
  direction: Directions[number],
  { protocol, destinationPort }: Packet,
): Certainty {
  const [, named = 'tcp', first, last = first] =
    /^(?:(\w{1,10}):)?(\d{1,5})(?:-(\d{1,5}))?$/.exec(value) ?? []
  if (first === undefined) return 'unknown'
  if (!isBitmap && named !== protocol) return 'fails'
  if (direction === 'src') return 'unknown'
  return certainty(Number(first) <= destinationPort && destinationPort <= Number(last))
}
