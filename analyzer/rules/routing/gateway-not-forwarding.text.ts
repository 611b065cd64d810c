import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** A node that is the gateway of others and does not let their packets through. */
export interface GatewayFault {
  readonly node: string
  readonly kind: 'forwarding-off' | 'no-route' | 'stopped' | 'no-masquerade'
  /** Nodes whose default route leads to it. */
  readonly clients: readonly string[]
  /** An address of the first of them. */
  readonly client: string
  /** The chain that stops the packets. */
  readonly inChain?: string
  readonly outDevice?: string
}

export type Note = 'client' | 'setting' | 'stops'

const WHAT: Readonly<Record<GatewayFault['kind'], (fault: GatewayFault) => string>> = {
  'forwarding-off': () => 'Its kernel forwards no packets (net.ipv4.ip_forward = 0).',
  'no-route': () => 'It has no default route itself.',
  stopped: ({ inChain }) => `Its rules stop their packets in ${inChain ?? 'FORWARD'}.`,
  'no-masquerade': ({ outDevice }) =>
    `No rule gives their packets the address of ${outDevice ?? 'the uplink'} on their way out: answers find back only where the next router knows a route to the clients.`,
}

const WHAT_IN_CHINESE: Readonly<Record<GatewayFault['kind'], (fault: GatewayFault) => string>> = {
  'forwarding-off': () => '它的内核不转发数据包（net.ipv4.ip_forward = 0）。',
  'no-route': () => '它自己没有默认路由。',
  stopped: ({ inChain }) => `它的规则在 ${inChain ?? 'FORWARD'} 中挡住了这些数据包。`,
  'no-masquerade': ({ outDevice }) =>
    `没有规则在出口 ${outDevice ?? ''} 上为这些数据包做 SNAT：只有上游路由器有到这些节点的路由，回包才回得来。`,
}

const mendCommands = ({ kind, client, outDevice = 'UPLINK' }: GatewayFault): string[] => {
  if (kind === 'forwarding-off')
    return ['sysctl -w net.ipv4.ip_forward=1', 'echo net.ipv4.ip_forward=1 >/etc/sysctl.d/99-forward.conf']
  if (kind === 'no-route') return ['ip route replace default via GATEWAY dev DEVICE']
  if (kind === 'no-masquerade')
    return [
      `iptables -t nat -A POSTROUTING -s ${shellQuote(client)} -o ${shellQuote(outDevice)} -j MASQUERADE`,
    ]
  return [
    `iptables -I FORWARD 1 -s ${shellQuote(client)} -j ACCEPT`,
    `iptables -I FORWARD 1 -d ${shellQuote(client)} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
  ]
}

const verifyCommands = ['ping -c 3 1.1.1.1', 'traceroute -n 1.1.1.1']

/** The words of gateway-not-forwarding. */
export const text: RuleTexts<GatewayFault, 'noGateway', Note> = {
  en: {
    name: 'A node is the default gateway of others and does not let them through',
    looksFor:
      'Nodes whose default route leads to an address of another node of the case, and on that node: ip_forward, a default route, what FORWARD of both iptables backends and native chains do with a packet of the client to the world, and whether POSTROUTING changes its source address where it leaves by another interface.',
    why: 'A gateway has to forward: the kernel must be told to, its rules must let the packets pass, it must know the way on, and whoever answers must know the way back, or see the gateway’s own address.',
    consequences:
      'The clients and their pods reach their own network and not the world: images cannot be pulled, names of the outside do not resolve, while the gateway itself is well.',
    commonCauses: [
      'ip_forward that was set by hand and lost at a reboot.',
      'A policy DROP that Docker, ufw or firewalld set on FORWARD.',
      'A MASQUERADE rule that was never saved.',
    ],
    mimics: [
      'A default route to an address that floats between nodes and a real router.',
      'Clients behind the same interface as the uplink: their router knows the way back, no masquerading is asked for.',
      'MASQUERADE in a native nftables table: it is followed as well.',
    ],
    cure: 'Switch forwarding on, let the clients’ network pass FORWARD, masquerade it where it leaves, and make all of it last; or give the clients a real router.',
    title: ({ node, clients, kind }) =>
      kind === 'no-masquerade'
        ? `${node}, the gateway of ${joinWords(clients)}, does not masquerade what they send`
        : `${node} is the gateway of ${joinWords(clients)} and does not let their packets through`,
    summary: (d) =>
      `The default route of ${joinWords(d.clients)} leads to ${d.node}. ${WHAT[d.kind](d)} ${
        d.kind === 'no-masquerade' ? '' : 'Whatever they and their pods send to the world is lost there.'
      }`.trim(),
    ruledOut: ({ kind }) =>
      kind === 'stopped'
        ? ['No rule accepts the packet before it is stopped, in any table of the hook.']
        : [],
    remedy: (d) => [{ text: 'Mend it on the gateway, and make it last.', commands: mendCommands(d) }],
    verify: ({ client }) => [
      { text: `From the client (${client}) the world answers.`, commands: verifyCommands },
    ],
    reasons: { noGateway: 'No other node of the case has a default route to an address of this one.' },
    notes: {
      client: (node) => `the default route of ${node} leads here`,
      setting: () => 'forwarding is off',
      stops: () => 'stops what the clients send to the world',
    },
  },
  zh: {
    name: '节点是其他节点的默认网关，却不放行它们的流量',
    looksFor:
      '默认路由指向本案另一节点地址的节点；并在被指向的节点上检查：ip_forward、默认路由、iptables 两个后端的 FORWARD 及原生 nftables 链如何处理这些节点发往外部的包，以及从其他接口出去时 POSTROUTING 是否做 SNAT。',
    why: '网关必须转发：内核要打开转发，规则要放行，自己要有下一跳；回包也要找得到路，或看到的就是网关自己的地址。',
    consequences:
      '这些节点及其 Pod 只能访问本网段，访问不了外部：镜像拉不下来，外部域名解析失败，而网关节点自身一切正常。',
    commonCauses: [
      '手工设置的 ip_forward 在重启后丢失。',
      'Docker、ufw 或 firewalld 把 FORWARD 的策略设成了 DROP。',
      'MASQUERADE 规则没有持久化。',
    ],
    mimics: [
      '默认路由指向在节点和真实路由器之间漂移的地址。',
      '这些节点与上行口在同一接口之后：路由器知道回程，不要求 SNAT。',
      'MASQUERADE 写在原生 nftables 表里：同样会检查。',
    ],
    cure: '打开转发，让这些节点的网段通过 FORWARD，在出口做 SNAT，并持久化；或给它们配真正的路由器。',
    title: ({ node, clients, kind }) =>
      kind === 'no-masquerade'
        ? `${node} 是 ${joinChinese(clients)} 的网关，却没有为其流量做 SNAT`
        : `${node} 是 ${joinChinese(clients)} 的网关，却不放行它们的流量`,
    summary: (d) =>
      `${joinChinese(d.clients)} 的默认路由指向 ${d.node}。${WHAT_IN_CHINESE[d.kind](d)}${
        d.kind === 'no-masquerade' ? '' : '它们及其 Pod 发往外部的流量都在那里丢失。'
      }`,
    ruledOut: ({ kind }) =>
      kind === 'stopped' ? ['该 hook 的任何表中，都没有规则在它之前放行这个包。'] : [],
    remedy: (d) => [{ text: '在网关节点上修正，并持久化。', commands: mendCommands(d) }],
    verify: ({ client }) => [{ text: `从这些节点（${client}）能访问外部。`, commands: verifyCommands }],
    reasons: { noGateway: '本案中没有其他节点的默认路由指向该节点的地址。' },
    notes: {
      client: (node) => `${node} 的默认路由指向这里`,
      setting: () => '转发已关闭',
      stops: () => '挡住了这些节点发往外部的包',
    },
  },
}
