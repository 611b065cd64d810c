import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { type Address, isV4 } from '../../net/address.ts'
import { prefixContains } from '../../net/prefix.ts'
import { type PrefixTable, prefixTable } from '../../net/prefixTable.ts'
import type { Route } from '../../parsers/ipRoute.ts'
import type { PolicyRule } from '../../parsers/ipRule.ts'
import { captured } from '../../sources/captured.ts'

/** A route with the line that shows it. */
export interface RouteOfNode extends Route {
  readonly origin: Evidence
}

/** What the kernel does with a packet: which rule sent it to which table, and the route it found there. */
export interface RouteAnswer {
  /** `local`, `main`, `default`, or the name or number as printed. */
  readonly table: string
  /** Left out where a policy rule itself refuses the packet. */
  readonly route?: RouteOfNode
  /** Left out where the rules were not captured: the kernel's three own ones are taken. */
  readonly rule?: PolicyRule
}

/** The routes of a node, and what they do with a packet. */
export interface Routes {
  readonly all: readonly RouteOfNode[]
  /**
   * Where a packet goes that the node itself sends, unmarked: policy rules in order, longest prefix, lowest metric
   * (net/ipv4/fib_rules.c, fib_trie.c). Without `source` no rule that asks for a source takes it, as when a socket has not yet
   * chosen one. Undefined where no route takes it (`network is unreachable`), or where nothing of the family was captured.
   */
  readonly lookup: (destination: Address, source?: Address) => RouteAnswer | undefined
  /** Routes to everywhere in any table that some policy rule looks into, refusing ones (`unreachable default`) left out. */
  readonly defaults: (family: 'v4' | 'v6') => readonly RouteOfNode[]
}

type Rule = Pick<PolicyRule, 'priority' | 'not' | 'action' | 'conditions'> & Partial<PolicyRule>

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

interface Family {
  readonly rules: readonly Rule[]
  readonly tables: ReadonlyMap<string, PrefixTable<RouteOfNode>>
  readonly routes: readonly RouteOfNode[]
}

/** Routes and policy rules of a node; IPv6 where it was captured too. */
export const routes = defineNodeFact({
  name: 'routes',
  needs: { v4: captured.ipRoute },
  wants: { v6: captured.ip6Route, rules4: captured.ipRule, rules6: captured.ip6Rule },
  compute({ v4, v6, rules4, rules6 }): Availability<Routes> {
    const families = { v4: familyOf(v4, rules4), v6: familyOf(v6, rules6) }
    return available({
      all: [...families.v4.routes, ...families.v6.routes],
      lookup: (destination, source) =>
        lookupIn(isV4(destination) ? families.v4 : families.v6, destination, source),
      defaults: (family) => defaultsOf(families[family]),
    })
  },
})

function familyOf(
  routes: Capture<readonly Route[]> | undefined,
  rules: Capture<readonly PolicyRule[]> | undefined,
): Family {
  const known = routes?.value.map((route) => ({ ...route, origin: routes.cite(route.line) })) ?? []
  const names = new Set(known.map(({ table }) => tableName(table)))
  const captured = rules?.value ?? []
  return {
    routes: known,
    tables: new Map([...names].map((name) => [name, tableOf(known, name)])),
    rules: (captured.length > 0 ? captured : DEFAULT_RULES).toSorted((a, b) => a.priority - b.priority),
  }
}

function tableOf(routes: readonly RouteOfNode[], name: string): PrefixTable<RouteOfNode> {
  const own = routes.filter(({ table }) => tableName(table) === name)
  return prefixTable(own.map((route) => [route.destination, route]))
}

function tableName(table: string): string {
  return RESERVED_TABLES.get(table) ?? table
}

function lookupIn(
  family: Family,
  destination: Address,
  source: Address | undefined,
): RouteAnswer | undefined {
  let skipBelow = -1
  for (const rule of family.rules) {
    if (rule.priority < skipBelow || !takes(rule, destination, source)) continue
    if (rule.action === 'goto') skipBelow = rule.target ?? -1
    if (rule.action === 'blackhole' || rule.action === 'unreachable' || rule.action === 'prohibit') {
      return answer(rule, '', undefined)
    }
    if (rule.action !== 'lookup') continue
    const table = tableName(rule.table ?? '')
    const route = bestOf(family.tables.get(table)?.lookup(destination) ?? [])
    if (route === undefined || route.type === 'throw') continue
    if (rule.suppressPrefixLength !== undefined && route.destination.length <= rule.suppressPrefixLength)
      continue
    return answer(rule, table, route)
  }
  return undefined
}

function answer(rule: Rule, table: string, route: RouteOfNode | undefined): RouteAnswer {
  return { table, ...(route && { route }), ...(isCaptured(rule) && { rule }) }
}

function isCaptured(rule: Rule): rule is PolicyRule {
  return rule.line !== undefined
}

/** Does the rule take an unmarked packet that the node sends itself? Conditions beyond addresses are taken as not met. */
function takes(rule: Rule, destination: Address, source: Address | undefined): boolean {
  const { from, to, mark, iif, oif, conditions } = rule
  const met =
    (from === undefined || from.length === 0 || (source !== undefined && prefixContains(from, source))) &&
    (to === undefined || prefixContains(to, destination)) &&
    (mark === undefined || (mark.value & mark.mask) === 0) &&
    (iif === undefined || iif === 'lo') &&
    oif === undefined &&
    conditions.size === 0
  return met !== rule.not
}

/** Of the routes to one prefix: the lowest metric; the first of those. Routes over a dead link are out (RTNH_F_DEAD). */
function bestOf(routes: readonly RouteOfNode[]): RouteOfNode | undefined {
  const usable = routes.filter(({ flags }) => !flags.has('dead'))
  return usable.toSorted((a, b) => (a.metric ?? 0) - (b.metric ?? 0))[0]
}

function defaultsOf(family: Family): readonly RouteOfNode[] {
  const tables = new Set(family.rules.map(({ table }) => tableName(table ?? '')))
  return family.routes.filter(
    ({ destination, table, type, flags }) =>
      destination.length === 0 && type === 'unicast' && tables.has(tableName(table)) && !flags.has('dead'),
  )
}
