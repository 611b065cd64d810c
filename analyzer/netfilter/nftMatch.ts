import { addressToBigInt, isV4, parseAddress } from '../net/address.ts'
import { parsePrefix, prefixContains } from '../net/prefix.ts'
import { parsePort } from '../parsers/addressPort.ts'
import type { NftStatement } from '../parsers/nftStatement.ts'
import { protocolName } from '../parsers/protocolName.ts'
import { type Certainty, allHold, anyHolds, certainty, negatedIf } from './certainty.ts'
import type { NftElements } from './nftElements.ts'
import { type Packet, markEquals } from './packet.ts'
import { addressTypeMatch } from './ruleMatch.ts'
import type { Surroundings } from './surroundings.ts'

type Match = Extract<NftStatement, { kind: 'match' }>

/** Does a match of a native rule hold? `set` are the elements of the set that it names, undefined where there is none of that name. */
export function nftMatch(
  match: Match,
  set: NftElements | undefined,
  packet: Packet,
  around: Surroundings,
): Certainty {
  const { fields, values, operator } = match
  const isIn = values.set === undefined ? oneOf(match, packet, around) : inSet(fields, set, packet, around)
  const negated = operator === '!=' || operator === '!'
  return allHold([fieldsApply(fields, packet), negatedIf(negated, isIn)])
}

/** Do the packet's fields exist? A match on those of another protocol fails, also where it is negated. */
export function fieldsApply(fields: readonly string[], packet: Packet): Certainty {
  return allHold(fields.map((field) => fieldApplies(field, packet)))
}

function fieldApplies(field: string, { protocol, source }: Packet): Certainty {
  const head = field.slice(0, field.indexOf(' '))
  if (head === 'ip') return certainty(isV4(source))
  if (head === 'ip6') return certainty(!isV4(source))
  if (head === 'icmpv6') return certainty(protocol === 'ipv6-icmp')
  if (PROTOCOLS.has(head)) return certainty(protocol === head)
  return 'holds'
}

const PROTOCOLS = new Set(['tcp', 'udp', 'udplite', 'sctp', 'dccp', 'icmp', 'esp', 'ah', 'igmp'])

/** The packet's place among the elements of a set or map. */
export function inSet(
  fields: readonly string[],
  set: NftElements | undefined,
  packet: Packet,
  around: Surroundings,
): Certainty {
  if (set === undefined) return 'unknown'
  const key = packetKey(fields, packet)
  if (key !== undefined && set.exact.has(key)) return 'holds'
  const others = key === undefined ? [...set.exact, ...set.inexact] : set.inexact
  const isIn = anyHolds(others.map((element) => elementMatch(fields, element, packet, around)))
  return isIn === 'fails' && !set.complete ? 'unknown' : isIn
}

/** The packet's fields as nft would print an element for them alone; undefined where one of them is not known. */
export function packetKey(fields: readonly string[], packet: Packet): string | undefined {
  const texts = fields.map((field) => fieldText(field, packet))
  return texts.includes(undefined) ? undefined : texts.join(' . ')
}

function fieldText(field: string, packet: Packet): string | undefined {
  switch (field) {
    case 'ip saddr':
    case 'ip6 saddr':
      return packet.source
    case 'ip daddr':
    case 'ip6 daddr':
      return packet.destination
    case 'ip protocol':
    case 'meta l4proto':
      return packet.protocol
    case 'meta iifname':
    case 'meta iif':
      return packet.inDevice
    case 'meta oifname':
    case 'meta oif':
      return packet.outDevice
    case 'ct state':
      return packet.ctstate === 'unknown' ? undefined : packet.ctstate.toLowerCase()
    default:
      return field.endsWith(' dport') ? String(packet.destinationPort) : undefined
  }
}

/** Is the packet an element, with its concatenated parts? */
export function elementMatch(
  fields: readonly string[],
  element: string,
  packet: Packet,
  around: Surroundings,
): Certainty {
  if (element === '*') return 'holds'
  const parts = element.split(' . ')
  if (parts.length !== fields.length) return 'unknown'
  return allHold(parts.map((part, index) => valueMatch(fields[index] ?? '', part, packet, around)))
}

function oneOf(match: Match, packet: Packet, around: Surroundings): Certainty {
  const { fields, values, operator, mask } = match
  const [field = ''] = fields
  if (field === 'tcp flags') return flagsMatch(match, packet)
  if (mask !== undefined) return maskedMatch(match, packet)
  if (operator in ORDER) return portOrder(field, operator, values.list[0] ?? '', packet)
  return anyHolds(values.list.map((value) => elementMatch(fields, value, packet, around)))
}

/** `meta mark & 0x00004000 == 0x00004000`; what else is masked is not looked into. */
function maskedMatch({ fields: [field], values, mask }: Match, packet: Packet): Certainty {
  const bits = Number(mask?.[0])
  if (field !== 'meta mark' || !Number.isInteger(bits)) return 'unknown'
  return anyHolds(
    values.list.map((value) => {
      const wanted = Number(value)
      return Number.isInteger(wanted) ? certainty(markEquals(packet.mark, wanted, bits)) : 'unknown'
    }),
  )
}

/** `tcp flags syn / fin,syn,rst,ack`, `tcp flags fin,syn`: any of them; a connection's first packet bears SYN alone, and ECN's flags. */
function flagsMatch({ values, mask, operator }: Match, { ctstate }: Packet): Certainty {
  if (ctstate !== 'NEW') return 'unknown'
  const flags = new Set(values.list)
  if (mask !== undefined) return certainty(mask.every((flag) => flags.has(flag) === (flag === 'syn')))
  if (values.braced) return 'unknown'
  const isExact = operator === '==' || operator === '!='
  return certainty(isExact ? flags.has('syn') && flags.size === 1 : flags.has('syn'))
}

const ORDER = {
  '<': (port: number, bound: number) => port < bound,
  '>': (port: number, bound: number) => port > bound,
  '<=': (port: number, bound: number) => port <= bound,
  '>=': (port: number, bound: number) => port >= bound,
} as const

function portOrder(field: string, operator: string, text: string, packet: Packet): Certainty {
  const bound = parsePort(text)
  if (!field.endsWith(' dport') || bound === undefined) return 'unknown'
  const holds = Object.entries(ORDER).find(([name]) => name === operator)?.[1]
  return certainty(holds?.(packet.destinationPort, bound))
}

/** Is the field of the packet this value, as printed? Ranges and prefixes too. */
function valueMatch(field: string, text: string, packet: Packet, around: Surroundings): Certainty {
  switch (field) {
    case 'ip saddr':
    case 'ip6 saddr':
      return addressMatch(text, packet.source)
    case 'ip daddr':
    case 'ip6 daddr':
      return addressMatch(text, packet.destination)
    case 'ip protocol':
    case 'meta l4proto':
      return text.includes('-') ? protocolRange(text) : certainty(protocolName(text) === packet.protocol)
    case 'meta nfproto':
    case 'meta protocol':
      return familyMatch(text, packet)
    case 'meta mark':
      return Number.isInteger(Number(text))
        ? certainty(markEquals(packet.mark, Number(text), 0xffffffff))
        : 'unknown'
    case 'meta iifname':
    case 'meta iif':
      return deviceMatch(text, packet.inDevice)
    case 'meta oifname':
    case 'meta oif':
      return deviceMatch(text, packet.outDevice)
    case 'meta pkttype':
      // The packet is for a host.
      return text === 'broadcast' || text === 'multicast' ? 'fails' : 'unknown'
    case 'ct state':
      return packet.ctstate === 'unknown' ? 'unknown' : certainty(packet.ctstate.toLowerCase() === text)
    case 'ct status':
      return text === 'dnat' ? certainty(packet.isDnat) : 'unknown'
    case 'ct direction':
      return packet.ctstate === 'NEW' ? certainty(text === 'original') : 'unknown'
    case 'fib saddr type':
      return addressTypeMatch(new Set([text.toUpperCase()]), packet.source, around)
    case 'fib daddr type':
      return addressTypeMatch(new Set([text.toUpperCase()]), packet.destination, around)
    default:
      return portField(field, text, packet)
  }
}

function protocolRange(text: string): Certainty {
  return protocolName(text) === text ? 'unknown' : 'fails'
}

/** `10.1.0.0/16`, `10.2.0.1-10.2.0.9`, `10.0.0.1`. */
function addressMatch(text: string, address: Packet['source']): Certainty {
  const [first, last] = text.split('-')
  if (last === undefined) {
    const prefix = parsePrefix(text)
    return certainty(prefix && prefixContains(prefix, address))
  }
  const [from, to] = [parseAddress(first ?? ''), parseAddress(last)]
  if (from === undefined || to === undefined) return 'unknown'
  if (isV4(from) !== isV4(address)) return 'fails'
  const value = addressToBigInt(address)
  return certainty(addressToBigInt(from) <= value && value <= addressToBigInt(to))
}

function familyMatch(text: string, { source }: Packet): Certainty {
  if (text === 'ipv4' || text === 'ip') return certainty(isV4(source))
  return text === 'ipv6' || text === 'ip6' ? certainty(!isV4(source)) : 'unknown'
}

/** `eth0`, `cni*`; a number stands where the device was gone. */
function deviceMatch(text: string, device: string | undefined): Certainty {
  if (device === undefined || /^\d+$/.test(text)) return 'unknown'
  if (device === '') return 'fails'
  return certainty(text.endsWith('*') ? device.startsWith(text.slice(0, -1)) : device === text)
}

/** `80`, `80-90`; the source port of a packet that nobody sent is any. Names of services are not known here. */
function portField(field: string, text: string, { destinationPort }: Packet): Certainty {
  if (!field.endsWith(' dport')) return 'unknown'
  const [from = '', to = from] = text.split('-')
  const [first, last] = [parsePort(from), parsePort(to)]
  if (first === undefined || last === undefined) return 'unknown'
  return certainty(first <= destinationPort && destinationPort <= last)
}
