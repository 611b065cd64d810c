import type { Evidence } from '../../engine/evidence.ts'
import type { Address } from '../../net/address.ts'
import { type Prefix, prefixContains } from '../../net/prefix.ts'
import { type PrefixTable, prefixTable } from '../../net/prefixTable.ts'
import type { Route } from '../../parsers/ipRoute.ts'
import type { PolicyRule } from '../../parsers/ipRule.ts'

/** A route with the line that shows it. */
export interface RouteOfNode extends Route {
  readonly origin: Evidence
}

/** A policy rule with the line that shows it. */
export interface RuleOfNode extends PolicyRule {
  readonly origin: Evidence
}

/** A packet as far as routing looks at it. */
export interface RoutedPacket {
  readonly destination: Address
  /** Left out: not chosen yet, as when a process connects without one. No rule that asks for a source takes such a packet. */
  readonly source?: Address
  /** Left out: not known. Where it leaves a rule undecided, see RouteLookup. */
  readonly mark?: number
  /** The interface it came in by; `lo` for what the node itself sends. Left out: not known. */
  readonly iif?: string
}

/** What the kernel does with a packet: which rule sent it to which table, and the route it found there. */
export interface RouteAnswer {
  /** `local`, `main`, `default`, or the name or number as printed; '' where a policy rule itself refuses the packet. */
  readonly table: string
  /** Left out where a policy rule itself refuses the packet. */
  readonly route?: RouteOfNode
  /** Left out where the rules were not captured: the kernel's three own ones are taken. */
  readonly rule?: RuleOfNode
}

/** The outcome of a lookup. */
export interface RouteLookup {
  /** Undefined where no route takes the packet (`network is unreachable`). */
  readonly answer: RouteAnswer | undefined
  /**
   * What else may become of the packet: answers of earlier rules that ask for what is not known of it (a mark, an interface, a port).
   * `answer` supposes that none of them takes it.
   */
  readonly undecided: readonly RouteAnswer[]
}

/** A way by which packets leave. */
export interface RouteWay {
  readonly via?: Address
  readonly device?: string
}

type Rule = Pick<PolicyRule, 'priority' | 'not' | 'action' | 'conditions'> & Partial<RuleOfNode>

/** Rules and tables of one address family. */
export interface RoutingPolicy {
  /** In the order in which they are asked. */
  readonly rules: readonly Rule[]
  readonly tables: ReadonlyMap<string, PrefixTable<RouteOfNode>>
}

/** The rules that a kernel starts with (net/ipv4/fib_rules.c, fib_default_rules_init). */
const DEFAULT_RULES: readonly Rule[] = ['local', 'main', 'default'].map((table, index) => ({
  priority: [0, 32_766, 32_767][index] ?? 0,
  not: false,
  action: 'lookup',
  table,
  conditions: new Map(),
}))

/** Reserved numbers of rtnetlink.h, which BusyBox prints where /etc/iproute2/rt_tables is missing. */
const RESERVED_TABLES: ReadonlyMap<string, string> = new Map([
  ['255', 'local'],
  ['254', 'main'],
  ['253', 'default'],
])

const REFUSING: ReadonlySet<string> = new Set(['blackhole', 'unreachable', 'prohibit'])

/** The name of a table that may be printed as a number. */
export function tableName(table: string): string {
  return RESERVED_TABLES.get(table) ?? table
}

/** Routes and rules made ready for lookups; without rules the kernel's own three are taken. */
export function routingPolicy(
  routes: readonly RouteOfNode[],
  rules: readonly RuleOfNode[] = [],
): RoutingPolicy {
  const entries = new Map<string, (readonly [Prefix, RouteOfNode])[]>()
  for (const route of routes) {
    const own = entries.get(tableName(route.table)) ?? []
    entries.set(tableName(route.table), own)
    own.push([route.destination, route])
  }
  return {
    rules: (rules.length > 0 ? rules : DEFAULT_RULES).toSorted((a, b) => a.priority - b.priority),
    tables: new Map([...entries].map(([name, own]) => [name, prefixTable(own)])),
  }
}

/**
 * Where a packet goes: policy rules in order, longest prefix, lowest metric (net/core/fib_rules.c fib_rules_lookup, net/ipv4/fib_trie.c
 * fib_table_lookup; Linux 6.1 and 6.18 were asked the same). Sockets that are bound to a device, types of service and the choice
 * among several ways are left out.
 */
export function lookUpRoute({ rules, tables }: RoutingPolicy, packet: RoutedPacket): RouteLookup {
  const undecided: RouteAnswer[] = []
  const answer = walk(rules, tables, packet, 0, undecided)
  return { answer, undecided }
}

/** The rules from one place on; those that cannot be decided are passed over, and what they would answer is noted. */
function walk(
  rules: readonly Rule[],
  tables: RoutingPolicy['tables'],
  packet: RoutedPacket,
  start: number,
  undecided?: RouteAnswer[],
): RouteAnswer | undefined {
  for (let at = start; at < rules.length; at += 1) {
    const rule = rules[at]
    const taken = rule && takes(rule, packet)
    if (rule === undefined || taken === false) continue
    const target = rule.action === 'goto' ? targetOf(rules, rule, at) : undefined
    if (taken === undefined) {
      const other =
        target === undefined ? answerOf(rule, tables, packet) : walk(rules, tables, packet, target)
      if (undecided && other) undecided.push(other)
    } else if (target === undefined) {
      const answer = answerOf(rule, tables, packet)
      if (answer) return answer
    } else at = target - 1
  }
  return undefined
}

/** The kernel jumps forward only, and not at all where no rule has that priority. */
function targetOf(rules: readonly Rule[], { target }: Rule, at: number): number | undefined {
  const index = rules.findIndex(({ priority }) => priority === target)
  return index > at ? index : undefined
}

/** Undefined where the next rule is asked: no route, a `throw`, one that is suppressed, or no action at all. */
function answerOf(
  rule: Rule,
  tables: RoutingPolicy['tables'],
  { destination, source }: RoutedPacket,
): RouteAnswer | undefined {
  const cited = isCaptured(rule) ? { rule } : {}
  if (REFUSING.has(rule.action)) return { table: '', ...cited }
  if (rule.action !== 'lookup') return undefined
  const table = tableName(rule.table ?? '')
  const route = bestOf(tables.get(table), destination, source)
  if (route === undefined || route.type === 'throw') return undefined
  const { suppressPrefixLength = -1 } = rule
  if (!REFUSING.has(route.type) && route.destination.length <= suppressPrefixLength) return undefined
  return { table, route, ...cited }
}

function isCaptured(rule: Rule): rule is RuleOfNode {
  return rule.origin !== undefined
}

/** Does the rule take the packet? Undefined where that depends on what is not known of it. */
function takes(rule: Rule, { destination, source, mark, iif }: RoutedPacket): boolean | undefined {
  const { from, to } = rule
  const met = [
    from === undefined || from.length === 0 || (source !== undefined && prefixContains(from, source)),
    to === undefined || prefixContains(to, destination),
    rule.oif === undefined,
    rule.mark === undefined || (mark === undefined ? undefined : isMarked(mark, rule.mark)),
    rule.iif === undefined || (iif === undefined ? undefined : iif === rule.iif),
    rule.conditions.size === 0 || undefined,
  ]
  if (met.includes(false)) return rule.not
  return met.includes(undefined) ? undefined : !rule.not
}

function isMarked(mark: number, { value, mask }: NonNullable<PolicyRule['mark']>): boolean {
  return ((mark ^ value) & mask) === 0
}

/** Of the longest prefix with a route over a live link (no RTNH_F_DEAD): the lowest metric; the first of those. */
function bestOf(
  table: PrefixTable<RouteOfNode> | undefined,
  destination: Address,
  source: Address | undefined,
): RouteOfNode | undefined {
  for (const routes of table?.matches(destination) ?? []) {
    const usable = routes.filter((route) => isUsable(route, source))
    const [best] = usable.toSorted((a, b) => (a.metric ?? 0) - (b.metric ?? 0))
    if (best) return best
  }
  return undefined
}

function isUsable({ from, flags, nexthops }: RouteOfNode, source: Address | undefined): boolean {
  if (from !== undefined && from.length > 0 && !(source !== undefined && prefixContains(from, source)))
    return false
  const isDead = nexthops.length > 0 && nexthops.every((nexthop) => nexthop.flags.has('dead'))
  return !flags.has('dead') && !isDead
}

/** The ways of a route: one, or those of a multipath route that are not dead; none where it refuses the packet. */
export function waysOf({ type, via, device, nexthops }: Route): readonly RouteWay[] {
  if (type !== 'unicast') return []
  if (nexthops.length > 0) return nexthops.filter(({ flags }) => !flags.has('dead'))
  return [{ ...(via && { via }), ...(device !== undefined && { device }) }]
}
