import type { Address } from '../net/address.ts'
import { prefixContains } from '../net/prefix.ts'
import {
  type PortMatch,
  addressTypeMatches,
  markMatches,
  portMatches,
  setMatches,
  stateMatches,
} from '../parsers/iptablesMatches.ts'
import type {
  IptablesAddressMatch,
  IptablesInterfaceMatch,
  IptablesMatch,
  IptablesRuleSpec,
} from '../parsers/iptablesRule.ts'
import { type Certainty, allHold, certainty, negatedIf } from './certainty.ts'
import { type Packet, markEquals } from './packet.ts'
import type { Surroundings } from './surroundings.ts'

/** Does a rule take the packet? `unknown` where it asks for what cannot be told offline, or was not understood. */
export function ruleMatch(rule: IptablesRuleSpec, packet: Packet, around: Surroundings): Certainty {
  return allHold([
    addressMatch(rule.source, packet.source),
    addressMatch(rule.destination, packet.destination),
    interfaceMatch(rule.inInterface, packet.inDevice),
    interfaceMatch(rule.outInterface, packet.outDevice),
    protocolMatch(rule, packet),
    certainty(rule.fragments === undefined || rule.fragments.negated),
    rule.unread.length > 0 ? 'unknown' : 'holds',
    ...portMatches(rule).map((match) => portMatch(match, packet)),
    ...stateMatches(rule).map(({ states, negated }) => negatedIf(negated, stateMatch(states, packet))),
    ...markMatches(rule).map(({ value, mask, negated }) =>
      negatedIf(negated, certainty(markEquals(packet.mark, value, mask))),
    ),
    ...addressTypeMatches(rule).map(({ side, types, negated }) =>
      negatedIf(negated, addressTypeMatch(types, packet[side], around)),
    ),
    ...setMatches(rule).map((match) => negatedIf(match.negated, certainty(around.isInSet?.(match, packet)))),
    ...rule.matches.map((match) => otherMatch(match, packet)),
  ])
}

function addressMatch(match: IptablesAddressMatch | undefined, address: Address): Certainty {
  if (match === undefined) return 'holds'
  return negatedIf(match.negated, certainty(prefixContains(match.prefix, address)))
}

function interfaceMatch(match: IptablesInterfaceMatch | undefined, device: string | undefined): Certainty {
  if (match === undefined || (match.wildcard && match.name === '' && !match.negated)) return 'holds'
  if (device === undefined) return 'unknown'
  const isSo = match.wildcard ? device.startsWith(match.name) : device === match.name
  return negatedIf(match.negated, certainty(isSo))
}

function protocolMatch({ protocol }: IptablesRuleSpec, packet: Packet): Certainty {
  if (protocol === undefined || protocol.name === 'all') return 'holds'
  return negatedIf(protocol.negated, certainty(protocol.name === packet.protocol))
}

/** The source port of a packet that nobody sent is any. */
function portMatch({ side, ranges, negated }: PortMatch, { destinationPort }: Packet): Certainty {
  const isAny = ranges.some(({ first, last }) => first === 0 && last === 65_535)
  const isSo = ranges.some(({ first, last }) => first <= destinationPort && destinationPort <= last)
  if (side === 'destination' || isAny) return negatedIf(negated, certainty(isSo))
  return side === 'either' && isSo ? negatedIf(negated, 'holds') : 'unknown'
}

function stateMatch(states: ReadonlySet<string>, { ctstate, isDnat }: Packet): Certainty {
  if (ctstate === 'unknown') return 'unknown'
  if (states.has(ctstate) || (isDnat && states.has('DNAT'))) return 'holds'
  // Whether its source will be changed is decided behind FORWARD, in POSTROUTING.
  return states.has('SNAT') ? 'unknown' : 'fails'
}

/** Is the address of one of these types? The packet’s addresses are those of hosts: what is not local is UNICAST. */
export function addressTypeMatch(
  types: ReadonlySet<string>,
  address: Address,
  around: Surroundings,
): Certainty {
  if (types.has('LOCAL') && types.has('UNICAST')) return 'holds'
  if (!types.has('LOCAL') && !types.has('UNICAST')) return 'fails'
  const isLocal = certainty(around.isLocal?.(address))
  return negatedIf(types.has('UNICAST'), isLocal)
}

const PORT_OPTIONS: ReadonlySet<string> = new Set([
  '--sport',
  '--source-port',
  '--sports',
  '--source-ports',
  '--dport',
  '--destination-port',
  '--dports',
  '--destination-ports',
  '--ports',
])

/** Options that the typed matches above answer, and modules that ask nothing else. */
const ANSWERED = new Map<string, ReadonlySet<string>>([
  ['comment', new Set(['--comment'])],
  ['mark', new Set(['--mark'])],
  ['addrtype', new Set(['--src-type', '--dst-type'])],
  ['set', new Set(['--match-set', '--set', '--return-nomatch'])],
  ['state', new Set(['--state'])],
  ['conntrack', new Set(['--ctstate'])],
  ['multiport', PORT_OPTIONS],
  ['tcp', PORT_OPTIONS],
  ['udp', PORT_OPTIONS],
  ['sctp', PORT_OPTIONS],
  ['dccp', PORT_OPTIONS],
  ['udplite', PORT_OPTIONS],
])

/** What the typed matches do not answer: the flags of a SYN, the direction of a first packet; all else is unknown. */
function otherMatch({ module, options }: IptablesMatch, packet: Packet): Certainty {
  const answered = ANSWERED.get(module)
  if (answered === undefined) return 'unknown'
  return allHold(
    options
      .filter(({ name }) => !answered.has(name))
      .map(({ name, values, negated }) => {
        const isFirst = packet.ctstate === 'NEW'
        if (name === '--ctdir' && isFirst) return negatedIf(negated, certainty(values[0] === 'ORIGINAL'))
        if (name === '--syn' && isFirst) return negatedIf(negated, 'holds')
        if (name === '--tcp-flags' && isFirst) return negatedIf(negated, synMatch(values))
        return 'unknown'
      }),
  )
}

/** `--tcp-flags FIN,SYN,RST,ACK SYN` against a packet that bears SYN alone; ECN's two flags may stand beside it. */
function synMatch([mask = '', set = '']: readonly string[]): Certainty {
  const looked = mask === 'ALL' ? ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'] : mask.split(',')
  const wanted =
    set === 'NONE' ? [] : set === 'ALL' ? ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'] : set.split(',')
  return certainty(looked.every((flag) => wanted.includes(flag) === (flag === 'SYN')))
}
