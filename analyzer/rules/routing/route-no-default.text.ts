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
    consequences:
      '“Network is unreachable” for everything outside of the node’s own networks, and for Services; k3s and flannel do not start.',
    commonCauses: [
      'An air-gapped node whose gateway was left out of the configuration.',
      'A DHCP lease that ran out, or came without a router.',
      'A network card that went down and took its routes with it.',
      'A network manager that was restarted and did not restore the route.',
    ],
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
  zh: {
    name: '节点没有默认路由',
    looksFor:
      '策略路由会查到的各张表中指向 0.0.0.0/0 的路由；如果没有，则看有没有到 Service 地址的路由，以及 k3s、flannel 等组件的报错。',
    why: '没有默认路由时，节点只能到达有路由的网段：镜像仓库、时间服务器、云 API 都不通。k3s 和 flannel 按默认路由选择节点地址，没有就拒绝启动。节点自身到 Service 的连接也会立即以“Network is unreachable”失败：内核先查路由，之后 iptables 才有机会转换地址，所以哪怕一条占位的默认路由也有用。',
    consequences:
      '到节点自身网段之外以及到 Service 的一切都报“Network is unreachable”；k3s 和 flannel 无法启动。',
    commonCauses: [
      '离线节点的配置里没有写网关。',
      'DHCP 租约过期，或者没有下发路由器。',
      '网卡 down 掉，其路由随之消失。',
      '网络管理程序重启后没有恢复路由。',
    ],
    mimics: [
      '带有明确路由的离线节点：Service 地址有路由，或者（Service 地址未知时）有经网关的路由，且没有组件报错，就不报告。',
      'k3s 文档建议离线节点使用的占位默认路由算作默认路由。',
      'BusyBox 打印经多个网关的默认路由时不显示网关：仍然算数。',
      '只用 IPv6 的节点，即使 Docker 网桥有 IPv4 地址。',
      'IPVS 模式下 Service 地址是节点本地的：不需要路由。',
    ],
    cure: '添加默认路由（离线节点可用占位路由），并写入网络配置。',
    title: (d) => `${d.node} 没有默认路由`,
    summary(d) {
      const what =
        d.routes === 0
          ? `${d.node} 除自身地址外没有任何 IPv4 路由。`
          : `${d.node} 有到自身网段的路由，但没有到其他地方的路由（0.0.0.0/0）。`
      const service =
        d.service === undefined
          ? '这些网段之外的一切都无法从该节点到达。'
          : `连 Service 地址 ${d.service} 也没有路由：节点自身到它的连接，例如各种代理和 hostNetwork Pod 的连接，会以“Network is unreachable”失败。`
      return `${what}${service}${d.isLogged ? '其日志中已有相关报错。' : ''}`
    },
    ruledOut: () => ['路由表采集完整，策略路由使用的其他表也没有默认路由。'],
    remedy: () => [
      {
        text: '在网络配置中查找网关，或参照同网段的其他节点，然后添加路由（把大写字母换成实际的地址和接口）。',
        commands: ['ip route add default via GATEWAY dev INTERFACE'],
      },
      {
        text: '对于本来就没有出口的节点，占位的默认路由可以让 Service 可达（k3s 文档“Air-Gap Install”）。',
        commands: [
          'ip link add dummy0 type dummy',
          'ip link set dummy0 up',
          'ip addr add 203.0.113.254/31 dev dummy0',
          'ip route add default via 203.0.113.255 dev dummy0 metric 1000',
        ],
      },
      { text: '写入网络配置（netplan、NetworkManager、ifcfg）。', commands: [] },
    ],
    verify: (d) => [
      {
        text: '能查到路由。',
        commands: [`ip route get ${d.service ?? '192.0.2.1'}`, 'ip route show default'],
      },
    ],
    reasons: {
      linkDown: '节点自身网段的接口都处于 down，路由随之消失。',
      tableShort: '路由表采集不完整：默认路由可能在缺失的部分里。',
    },
    notes: {
      main: () => '现有的一条路由；没有哪条通往所有地方',
      log: () => '组件没有找到路由',
      refused: () => '它拒绝一切',
    },
  },
}
