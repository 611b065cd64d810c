import { type Prefix, parsePrefix } from '../net/prefix.ts'
import type { Line } from '../text/line.ts'
import type { Mutable } from '../text/mutable.ts'
import { hexNumber, wholeNumber } from '../text/wholeNumber.ts'
import { words } from '../text/words.ts'
import type { LineParser } from './parser.ts'

/** A rule of the routing policy: which packets look into which routing table. */
export interface PolicyRule {
  /** Rules are asked in rising order. */
  readonly priority: number
  /** The selectors are to fail instead of match. */
  readonly not: boolean
  /** Left out for `all`. */
  readonly from?: Prefix
  readonly to?: Prefix
  readonly mark?: { readonly value: number; readonly mask: number }
  /** Incoming interface. */
  readonly iif?: string
  /** Outgoing interface. */
  readonly oif?: string
  /** `lookup`, `goto`, `blackhole`, `unreachable`, `prohibit` or `nop`. */
  readonly action: string
  /** The table of a lookup, by name or number as printed; `[l3mdev-table]` is that of the packet's VRF. */
  readonly table?: string
  /** The priority that `goto` jumps to. */
  readonly target?: number
  /** Routes with this prefix length or a shorter one are passed over (0: the default route). */
  readonly suppressPrefixLength?: number
  readonly protocol?: string
  /** Other conditions by name (`tos`, `ipproto`, `sport`, `dport`, `uidrange`, `tun_id`…): the rule is not for all. */
  readonly conditions: ReadonlyMap<string, string>
  readonly line: Line
}

type Draft = Mutable<PolicyRule> & { conditions: Map<string, string> }

const ACTIONS: ReadonlySet<string> = new Set(['blackhole', 'unreachable', 'prohibit', 'nop'])
const CONDITIONS: ReadonlySet<string> = new Set(
  'tos dsfield dscp ipproto sport dport uidrange tun_id suppress_ifgroup flowlabel'.split(' '),
)
const WITH_VALUE: ReadonlySet<string> = new Set(['proto', 'realms', 'map-to'])

/**
 * `net/ip-rule.txt` and `net/ip6-rule.txt`: `ip -4 rule show`, `ip -6 rule show` of iproute2 (ip/iprule.c, 6.1):
 * ```
 * 0:	from all lookup local
 * 90:	not from all fwmark 0x1/0xf lookup main suppress_prefixlength 0
 * 99:	from 192.0.2.0/24 lookup 100
 * 49:	from all iif nosuch [detached] blackhole
 * ```
 * BusyBox prints other actions than a lookup as `lookup unspec prohibit`, and leaves out `not`.
 */
export const ipRule: LineParser<readonly PolicyRule[]> = {
  kind: 'lines',
  start() {
    const rules: PolicyRule[] = []
    return {
      line(text, number) {
        if (text.trim() === '') return true
        const rule = readRule({ number, text })
        if (rule) rules.push(rule)
        return rule !== undefined
      },
      end: () => rules,
    }
  },
}

function readRule(line: Line): PolicyRule | undefined {
  const [, priority, rest = ''] = /^(\d{1,10}):\s(.*)$/.exec(line.text) ?? []
  if (priority === undefined) return undefined
  const draft: Draft = { priority: Number(priority), not: false, action: '', conditions: new Map(), line }
  const text = words(rest)
  let at = 0
  while (at < text.length) {
    const taken = takeWord(draft, text[at] ?? '', text[at + 1])
    if (taken === undefined) return undefined
    at += 1 + taken
  }
  if (draft.table === 'unspec') delete draft.table
  return draft.action === '' ? undefined : draft
}

/** How many words behind the name belong to it; undefined where they cannot be read. */
function takeWord(draft: Draft, name: string, value: string | undefined): number | undefined {
  if (name === 'not') {
    draft.not = true
    return 0
  }
  if (ACTIONS.has(name)) {
    draft.action = name
    return 0
  }
  if (value === undefined) return 0
  if (name === 'from' || name === 'to') return takePrefix(draft, name, value)
  if (name === 'fwmark') return takeMark(draft, value)
  if (name === 'iif' || name === 'oif') draft[name] = value
  else if (name === 'lookup' || name === 'table') {
    draft.action = 'lookup'
    draft.table = value
  } else if (name === 'goto') return takeTarget(draft, value)
  else if (name === 'suppress_prefixlength') draft.suppressPrefixLength = wholeNumber(value) ?? 0
  else if (CONDITIONS.has(name)) draft.conditions.set(name, value)
  else if (!WITH_VALUE.has(name)) return 0
  if (name === 'proto') draft.protocol = value
  return 1
}

function takePrefix(draft: Draft, name: 'from' | 'to', value: string): number | undefined {
  if (value === 'all') return 1
  const prefix = parsePrefix(value)
  if (!prefix) return undefined
  draft[name] = prefix
  return 1
}

function takeMark(draft: Draft, text: string): number | undefined {
  const [valueText, maskText] = text.split('/')
  const value = hexNumber(valueText)
  const mask = maskText === undefined ? 0xffffffff : hexNumber(maskText)
  if (value === undefined || mask === undefined) return undefined
  draft.mark = { value, mask }
  return 1
}

function takeTarget(draft: Draft, text: string): number {
  const target = wholeNumber(text)
  draft.action = 'goto'
  if (target !== undefined) draft.target = target
  return 1
}
