import { type Address, parseAddress } from '../net/address.ts'
import { parseAddressPort, parsePort } from './addressPort.ts'
import type { IptablesOption, IptablesRuleSpec } from './iptablesRule.ts'

/** Ports a rule speaks of; it holds when any of the ranges has the port (none of them, where negated). */
export interface PortMatch {
  /** Which of a packet's two ports is looked at. */
  readonly side: 'source' | 'destination' | 'either'
  readonly ranges: readonly { readonly first: number; readonly last: number }[]
  readonly negated: boolean
}

/** States of a connection a rule speaks of: `NEW`, `RELATED`, `ESTABLISHED`, `INVALID`, `UNTRACKED`, `DNAT`, `SNAT`. */
export interface StateMatch {
  readonly states: ReadonlySet<string>
  readonly negated: boolean
}

/** A firewall mark: holds when `mark & mask` equals `value`. */
export interface MarkMatch {
  readonly value: number
  readonly mask: number
  readonly negated: boolean
}

/** Kinds of address (`LOCAL`, `UNICAST`, `BROADCAST` …) a rule asks for, by the node's own routing table. */
export interface AddressTypeMatch {
  readonly side: 'source' | 'destination'
  readonly types: ReadonlySet<string>
  readonly negated: boolean
}

/** A set that the packet's fields must be a member of. */
export interface SetMatch {
  readonly name: string
  /** Which of the packet's sides fills each part of the member: `dst,dst` → destination address and port. */
  readonly directions: readonly ('src' | 'dst')[]
  readonly negated: boolean
}

/** How often a rule holds. */
export type StatisticMatch =
  | { readonly mode: 'random'; readonly probability: number; readonly negated: boolean }
  | { readonly mode: 'nth'; readonly every: number; readonly packet: number; readonly negated: boolean }

/** A bridge port a rule asks for, or whether the packet crosses a bridge at all. */
export interface PhysdevMatch {
  /** `in`, `out`: the port's name; `is-in`, `is-out`, `is-bridged`: no name. */
  readonly kind: string
  readonly device?: string
  readonly negated: boolean
}

/** What ICMP message a rule asks for, as printed: `8`, `3/1`, `echo-request`. */
export interface IcmpTypeMatch {
  readonly type: string
  readonly negated: boolean
}

/** Where a DNAT or SNAT rule sends a packet. A side that is left out is not changed. */
export interface NatTarget {
  readonly address?: Address
  readonly port?: number
  /** Where a range was given. */
  readonly lastAddress?: Address
  readonly lastPort?: number
}

const PORT_SIDES = new Map<string, PortMatch['side']>([
  ['--sport', 'source'],
  ['--source-port', 'source'],
  ['--sports', 'source'],
  ['--source-ports', 'source'],
  ['--dport', 'destination'],
  ['--destination-port', 'destination'],
  ['--dports', 'destination'],
  ['--destination-ports', 'destination'],
  ['--ports', 'either'],
])

const PORT_MODULES = new Set(['tcp', 'udp', 'sctp', 'dccp', 'udplite', 'multiport'])

/** The ports a rule asks for: `-m tcp --dport 30000:32767`, `-m multiport --dports 80,443`. All must hold. */
export function portMatches(rule: IptablesRuleSpec): PortMatch[] {
  const found: PortMatch[] = []
  for (const { module, options } of rule.matches) {
    if (!PORT_MODULES.has(module)) continue
    for (const { name, values, negated } of options) {
      const side = PORT_SIDES.get(name)
      if (side) found.push({ side, ranges: portRanges(values[0] ?? ''), negated })
    }
  }
  return found
}

/** `80`, `80:90`, `80,443:444`, `:1023`, `1024:`. A part that is no port gives no range. */
function portRanges(text: string): PortMatch['ranges'] {
  return text.split(',').flatMap((part) => {
    const [first = '', last = first] = part.split(':')
    const range = {
      first: parsePort(first === '' ? '0' : first),
      last: parsePort(last === '' ? '65535' : last),
    }
    return part === '' || range.first === undefined || range.last === undefined
      ? []
      : [{ first: range.first, last: range.last }]
  })
}

/** `-m conntrack --ctstate RELATED,ESTABLISHED` and the older `-m state --state`. All must hold. */
export function stateMatches(rule: IptablesRuleSpec): StateMatch[] {
  return optionsNamed(rule, '--ctstate', '--state').map(({ values, negated }) => ({
    states: new Set((values[0] ?? '').split(',')),
    negated,
  }))
}

/** `-m mark --mark 0x4000/0x4000`: the packet's own mark. All must hold. */
export function markMatches(rule: IptablesRuleSpec): MarkMatch[] {
  return marksOf(rule, 'mark')
}

/** `-m connmark --mark 0x80/0x80`: the mark of the packet's connection. All must hold. */
export function connectionMarkMatches(rule: IptablesRuleSpec): MarkMatch[] {
  return marksOf(rule, 'connmark')
}

function marksOf(rule: IptablesRuleSpec, module: string): MarkMatch[] {
  return rule.matches
    .filter((match) => match.module === module)
    .flatMap((match) => match.options)
    .flatMap(({ name, values, negated }) => {
      const mark = name === '--mark' ? parseMark(values[0] ?? '') : undefined
      return mark ? [{ ...mark, negated }] : []
    })
}

/** A mark as iptables prints it: `0x4000/0x4000`, `0x00004000/0x00004000`, `16384`; without a mask all 32 bits count. */
function parseMark(text: string): { value: number; mask: number } | undefined {
  const [value = '', mask = '0xffffffff', ...more] = text.split('/')
  if (more.length > 0 || !MARK_NUMBER.test(value) || !MARK_NUMBER.test(mask)) return undefined
  return { value: Number(value), mask: Number(mask) }
}

const MARK_NUMBER = /^(?:0x[0-9a-fA-F]{1,16}|\d{1,10})$/

/** `-m addrtype --dst-type LOCAL`. All must hold. */
export function addressTypeMatches(rule: IptablesRuleSpec): AddressTypeMatch[] {
  return optionsNamed(rule, '--src-type', '--dst-type').map(({ name, values, negated }) => ({
    side: name === '--src-type' ? 'source' : 'destination',
    types: new Set((values[0] ?? '').split(',')),
    negated,
  }))
}

/** `-m set --match-set KUBE-CLUSTER-IP dst,dst`. All must hold. */
export function setMatches(rule: IptablesRuleSpec): SetMatch[] {
  return optionsNamed(rule, '--match-set', '--set').flatMap(({ values, negated }) => {
    const [name, directions] = values
    if (name === undefined || directions === undefined) return []
    const sides = directions.split(',').map((side) => (side === 'src' ? 'src' : 'dst'))
    return [{ name, directions: sides, negated }]
  })
}

/** `-m statistic --mode random --probability 0.33333333349`, `--mode nth --every 3 --packet 0`; undefined: always. */
export function statisticMatch(rule: IptablesRuleSpec): StatisticMatch | undefined {
  const match = rule.matches.find(({ module }) => module === 'statistic')
  if (!match) return undefined
  const valueOf = (name: string) => match.options.find((option) => option.name === name)
  const probability = valueOf('--probability')
  if (probability) {
    const value = Number(probability.values[0])
    return value >= 0 && value <= 1
      ? { mode: 'random', probability: value, negated: probability.negated }
      : undefined
  }
  const every = valueOf('--every')
  if (!every || !/^\d{1,10}$/.test(every.values[0] ?? '')) return undefined
  const packet = valueOf('--packet')?.values[0] ?? '0'
  if (!/^\d{1,10}$/.test(packet)) return undefined
  return { mode: 'nth', every: Number(every.values[0]), packet: Number(packet), negated: every.negated }
}

/** `-m physdev ! --physdev-is-in`, `--physdev-in veth0`. All must hold. */
export function physdevMatches(rule: IptablesRuleSpec): PhysdevMatch[] {
  return rule.matches
    .filter(({ module }) => module === 'physdev')
    .flatMap(({ options }) => options)
    .map(({ name, values: [device], negated }) => {
      const kind = name.replace('--physdev-', '')
      return device === undefined ? { kind, negated } : { kind, device, negated }
    })
}

/** `-m icmp --icmp-type 8`, `-m icmp6 --icmpv6-type 128`. All must hold. */
export function icmpTypeMatches(rule: IptablesRuleSpec): IcmpTypeMatch[] {
  return optionsNamed(rule, '--icmp-type', '--icmpv6-type').flatMap(({ values: [type], negated }) =>
    type === undefined ? [] : [{ type, negated }],
  )
}

/**
 * Where a DNAT or SNAT rule sends a packet: `10.244.1.2:8080`, `[fd00::1]:80`, `10.0.0.1-10.0.0.9:80-90`, `:8080`.
 * Undefined for other targets, and where the printing tool did not understand it (`[unsupported revision]`).
 */
export function natTarget(rule: IptablesRuleSpec): NatTarget | undefined {
  const text = rule.targetOptions.get('--to-destination') ?? rule.targetOptions.get('--to-source')
  if (text === undefined) return undefined
  const single = parseAddressPort(text)
  if (single) return single
  const portOnly = /^:(\d{1,5})(?:-(\d{1,5}))?(?:\/\d{1,5})?$/.exec(text)
  if (portOnly) return withLastPort({}, portOnly[1], portOnly[2])
  const range =
    /^\[?([\d.a-fA-F:]+?)\]?(?:-\[?([\d.a-fA-F:]+?)\]?)?(?::(\d{1,5})(?:-(\d{1,5}))?(?:\/\d{1,5})?)?$/.exec(
      text,
    )
  return range ? rangeTarget(range[1], range[2], range[3], range[4]) : undefined
}

function rangeTarget(
  first?: string,
  last?: string,
  firstPort?: string,
  lastPort?: string,
): NatTarget | undefined {
  const address = parseAddress(first ?? '')
  if (address === undefined) return undefined
  const lastAddress = last === undefined ? undefined : parseAddress(last)
  if (last !== undefined && lastAddress === undefined) return undefined
  return withLastPort({ address, ...(lastAddress !== undefined && { lastAddress }) }, firstPort, lastPort)
}

function withLastPort(target: NatTarget, first?: string, last?: string): NatTarget | undefined {
  const port = first === undefined ? undefined : parsePort(first)
  const lastPort = last === undefined ? undefined : parsePort(last)
  if ((first !== undefined && port === undefined) || (last !== undefined && lastPort === undefined))
    return undefined
  return { ...target, ...(port !== undefined && { port }), ...(lastPort !== undefined && { lastPort }) }
}

/** What a REJECT rule answers: `icmp-port-unreachable` unless it says otherwise (iptables-extensions(8)); else undefined. */
export function rejectAnswer(rule: IptablesRuleSpec): string | undefined {
  if (rule.target?.name !== 'REJECT') return undefined
  return rule.targetOptions.get('--reject-with') ?? 'icmp-port-unreachable'
}

function optionsNamed(rule: IptablesRuleSpec, ...names: readonly string[]): IptablesOption[] {
  return rule.matches.flatMap(({ options }) => options.filter(({ name }) => names.includes(name)))
}
