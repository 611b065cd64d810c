import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available } from '../../engine/availability.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { type Address, isV4 } from '../../net/address.ts'
import type { Route } from '../../parsers/ipRoute.ts'
import type { PolicyRule } from '../../parsers/ipRule.ts'
import { captured } from '../../sources/captured.ts'
import {
  type RouteAnswer,
  type RouteLookup,
  type RouteOfNode,
  type RoutedPacket,
  type RoutingPolicy,
  type RuleOfNode,
  lookUpRoute,
  routingPolicy,
  tableName,
} from './routeLookup.ts'

/** The routes of a node, and what they do with a packet. */
export interface Routes {
  readonly all: readonly RouteOfNode[]
  /** Policy rules beyond the kernel's own are among them; empty where they were not captured. */
  readonly rules: readonly RuleOfNode[]
  /** Where a packet goes. Nothing takes it where nothing of its family was captured. */
  readonly route: (packet: RoutedPacket) => RouteLookup
  /** Where a packet goes that the node itself sends, unmarked; conditions of rules beyond addresses are taken as not met. */
  readonly lookup: (destination: Address, source?: Address) => RouteAnswer | undefined
  /** Routes to everywhere in any table that some policy rule looks into, refusing ones (`unreachable default`) left out. */
  readonly defaults: (family: 'v4' | 'v6') => readonly RouteOfNode[]
}

interface Family {
  readonly routes: readonly RouteOfNode[]
  readonly rules: readonly RuleOfNode[]
  readonly policy: RoutingPolicy
}

/** Routes and policy rules of a node; IPv6 where it was captured too. */
export const routes = defineNodeFact({
  name: 'routes',
  needs: { v4: captured.ipRoute },
  wants: { v6: captured.ip6Route, rules4: captured.ipRule, rules6: captured.ip6Rule },
  compute({ v4, v6, rules4, rules6 }): Availability<Routes> {
    const families = { v4: familyOf(v4, rules4), v6: familyOf(v6, rules6) }
    const route = (packet: RoutedPacket): RouteLookup =>
      lookUpRoute(families[isV4(packet.destination) ? 'v4' : 'v6'].policy, packet)
    return available({
      all: [...families.v4.routes, ...families.v6.routes],
      rules: [...families.v4.rules, ...families.v6.rules],
      route,
      lookup: (destination, source) =>
        route({ destination, mark: 0, iif: 'lo', ...(source && { source }) }).answer,
      defaults: (family) => defaultsOf(families[family]),
    })
  },
})

function familyOf(
  routes: Capture<readonly Route[]> | undefined,
  rules: Capture<readonly PolicyRule[]> | undefined,
): Family {
  const known = routes?.value.map((route) => ({ ...route, origin: routes.cite(route.line) })) ?? []
  const captured = rules?.value.map((rule) => ({ ...rule, origin: rules.cite(rule.line) })) ?? []
  return { routes: known, rules: captured, policy: routingPolicy(known, captured) }
}

function defaultsOf({ routes, policy }: Family): readonly RouteOfNode[] {
  const tables = new Set(policy.rules.map(({ table }) => tableName(table ?? '')))
  return routes.filter(
    ({ destination, table, type, flags }) =>
      destination.length === 0 && type === 'unicast' && tables.has(tableName(table)) && !flags.has('dead'),
  )
}
