import type { RuleTexts } from '../../engine/ruleText.ts'

/** What was found: an IPv4 routing table without a default route. */
export interface NoDefaultRoute {
  readonly node: string
  /** Unicast routes that are there. */
  readonly routes: number
  /** A Service's address to which no route leads. */
  readonly service?: string
  /** A component complained of it since boot. */
  readonly isLogged: boolean
}

type Reason = 'tableShort' | 'linkDown'
type Note = 'main' | 'log' | 'refused'

/** The words of route-no-default. */
export const text: RuleTexts<NoDefaultRoute, Reason, Note> = {
  en: {
    name: 'The node has no default route',
    looksFor:
      'A route to 0.0.0.0/0 in any table that the policy rules look into; where there is none, routes to the addresses of Services, and complaints of k3s, flannel and others.',
    why: 'Without a default route the node reaches only networks that it has routes to: no registry, no time server, no cloud API. k3s and flannel choose the node’s address by the default route and refuse to start without one. And the node’s own connections to Services fail at once with “Network is unreachable”: the kernel looks for a route before iptables gets to translate the address, so even a dummy default route helps.',
    mimics: [
      'An air-gapped node with explicit routes: where the addresses of Services have a route, or (if these are not known) routes lead to a gateway, and nothing complains, it is left alone.',
      'A dummy default route, as the documentation of k3s recommends for air-gapped nodes, counts as a default route.',
      'BusyBox prints a default route over several gateways without them: it counts.',
      'A node of IPv6 alone, even where Docker’s bridge has an IPv4 address.',
      'In IPVS mode Service addresses are local to the node: they need no route.',
    ],
    cure: 'Add the default route, or on an air-gapped node a dummy one, and keep it in the network configuration.',
    title: (d) => `${d.node} has no default route`,
    summary(d) {
      const what =
        d.routes === 0
          ? `${d.node} has no IPv4 route beyond its own addresses.`
          : `${d.node} has routes to its own networks, but none to anywhere else (0.0.0.0/0).`
      const service =
        d.service === undefined
          ? 'Whatever lies beyond these networks cannot be reached from it.'
          : `Not even ${d.service}, the address of a Service, has a route: the node’s own connections to it, such as those of agents and host-network pods, fail with “Network is unreachable”.`
      const logged = d.isLogged ? ' Its logs complain of it.' : ''
      return `${what} ${service}${logged}`
    },
    ruledOut: () => [
      'The whole table was captured, and no other table that the policy rules use has a default route either.',
    ],
    remedy: () => [
      {
        text: 'Look for the gateway in the network configuration, or take it from a peer on the same network, and add the route (with its address and interface in place of the capitals).',
        commands: ['ip route add default via GATEWAY dev INTERFACE'],
      },
      {
        text: 'On a node that is meant to have no way out, a dummy default route makes Services reachable (k3s documentation, “Air-Gap Install”).',
        commands: [
          'ip link add dummy0 type dummy',
          'ip link set dummy0 up',
          'ip addr add 203.0.113.254/31 dev dummy0',
          'ip route add default via 203.0.113.255 dev dummy0 metric 1000',
        ],
      },
      { text: 'Keep it in the network configuration (netplan, NetworkManager, ifcfg).', commands: [] },
    ],
    verify: (d) => [
      {
        text: 'A route is found.',
        commands: [`ip route get ${d.service ?? '192.0.2.1'}`, 'ip route show default'],
      },
    ],
    reasons: {
      linkDown: 'All interfaces of the node’s own network are down, and their routes are gone with them.',
      tableShort: 'The routing table was not captured whole: a default route may be in the missing part.',
    },
    notes: {
      main: () => 'a route that is there; none leads everywhere',
      log: () => 'a component found no route',
      refused: () => 'it refuses everything',
    },
  },
}
