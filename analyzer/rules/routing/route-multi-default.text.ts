import type { Language } from '../../engine/language.ts'
import type { RuleTexts } from '../../engine/ruleText.ts'
import { type SaidStep, stepsIn } from '../../engine/saidStep.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** A default route, and the address by which the node would be known by it. */
interface DefaultWay {
  readonly device: string
  readonly via?: string
  readonly address?: string
}

/** What was found: default routes of one metric by several cards. */
export interface EqualDefaults {
  readonly node: string
  readonly metric: number
  /** The first is the one that the kernel takes now. */
  readonly ways: readonly DefaultWay[]
  /** The node’s address is set in its configuration. */
  readonly isPinned: boolean
  /** The address by which the cluster knows the node; left out where nothing tells, or no card has it. */
  readonly known?: { readonly address: string; readonly device: string }
}

type Reason = 'none' | 'tableShort'
type Note = 'first' | 'other' | 'known'

const wayEn = ({ device, via }: DefaultWay): string =>
  `${device}${via === undefined ? '' : ` (gateway ${via})`}`
const wayZh = ({ device, via }: DefaultWay): string =>
  `${device}${via === undefined ? '' : `（网关 ${via}）`}`

/** The card that is to have the worse metric: not the one by which the cluster knows the node. */
function lesser({ ways, known }: EqualDefaults): DefaultWay {
  const others = ways.filter(({ device }) => device !== known?.device)
  return others.at(-1) ?? { device: '' }
}

function cure(d: EqualDefaults): SaidStep[] {
  const { device, via } = lesser(d)
  const way = `${via === undefined ? '' : ` via ${via}`} dev ${shellQuote(device)}`
  const metric = d.metric === 0 ? '' : ` metric ${d.metric}`
  return [
    {
      text: {
        en: `Give the way by ${device} another metric (where it is not the one that is wanted; else do so with the other one).`,
        zh: `给经 ${device} 的路由设置不同的 metric（如果它正是想要的出口，则改另一条）。`,
      },
      commands: [
        `ip route add default${way} metric ${d.metric + 1000}`,
        `ip route del default${way}${metric}`,
      ],
    },
    {
      text: {
        en: 'Keep it in the network configuration: netplan `dhcp4-overrides: {route-metric: 1100}` or `{use-routes: false}`, systemd-networkd `[DHCPv4] RouteMetric=1100`, NetworkManager:',
        zh: '写入网络配置：netplan 用 `dhcp4-overrides: {route-metric: 1100}` 或 `{use-routes: false}`，systemd-networkd 用 `[DHCPv4] RouteMetric=1100`，NetworkManager 用：',
      },
      commands: [`nmcli connection modify CONNECTION ipv4.route-metric 1100`],
    },
    ...(d.isPinned
      ? []
      : [
          {
            text: {
              en: 'Name the node’s address, so that it does not depend on routes: k3s and rke2 `node-ip`, k3s `flannel-iface`, kubelet --node-ip, flannel --iface.',
              zh: '明确指定节点地址，使其不依赖路由：k3s 和 rke2 的 `node-ip`、k3s 的 `flannel-iface`、kubelet 的 --node-ip、flannel 的 --iface。',
            },
            commands: [],
          },
        ]),
  ]
}

const CHECK: readonly SaidStep[] = [
  {
    text: { en: 'One default route has the least metric.', zh: '只有一条默认路由的 metric 最小。' },
    commands: ['ip -4 route show default', 'ip route get 192.0.2.1'],
  },
]

const steps = (language: Language, d: EqualDefaults) => stepsIn(language, cure(d))

/** The words of route-multi-default. */
export const text: RuleTexts<EqualDefaults, Reason, Note> = {
  en: {
    name: 'Default routes of one metric by several cards',
    looksFor:
      'Several default routes in the main table that have one and the same least metric, and lead by different cards; and which of the cards has the address by which the cluster knows the node.',
    why: 'Of default routes of one metric the kernel takes the one that was added first, which depends on what card came up first, and moves on to the next when that gateway does not answer. kubelet, k3s and flannel take the address of the card of the first default route for the node’s own, unless they are told one.',
    consequences:
      'After a reboot or a new DHCP lease the node leaves by another card, or registers with another address: certificates do not fit, peers send its pods’ packets to the wrong address, and answers leave by another way than requests came.',
    commonCauses: [
      'Two cards by DHCP, each of which is given a gateway, with the network manager’s default metric (netplan, systemd-networkd).',
      'A second card for storage or management that was set up with a gateway of its own.',
    ],
    mimics: [
      'Different metrics: the order is told.',
      'One route over several gateways (nexthop): it is meant to use both.',
      'A card whose link is down; a dummy default route; default routes in other tables for addresses of their own.',
      'A bond, bridge or VLAN and its members are one way.',
      'Where the node’s address is set in the configuration of k3s or rke2, it is told as low.',
    ],
    cure: 'Give one of the ways a larger metric, or none of its own, in the network configuration, and name the node’s address.',
    title: (d) =>
      `${d.node} has ${d.ways.length} default routes of metric ${d.metric}, by ${joinWords(d.ways.map(({ device }) => device))}`,
    summary(d) {
      const [first] = d.ways
      const routes = `The main table of ${d.node} has default routes by ${joinWords(d.ways.map(wayEn))}, all of metric ${d.metric}. The kernel takes the one by ${first?.device ?? ''} now, as it was added first; after a reboot it may be another one.`
      if (d.known === undefined) return `${routes} The node’s address may change with it.`
      if (d.isPinned)
        return `${routes} The node’s address, ${d.known.address}, is set in its configuration and stays.`
      return d.known.device === first?.device
        ? `${routes} The cluster knows the node by ${d.known.address}, which goes with it.`
        : `${routes} The cluster knows the node by ${d.known.address} of ${d.known.device}: what it sends beyond its own networks leaves by the other card.`
    },
    ruledOut: () => [
      'The routes are not the ways of one multipath route, and their links are up.',
      'The cards are not of one bond, bridge or VLAN.',
    ],
    remedy: (d) => steps('en', d),
    verify: () => stepsIn('en', CHECK),
    reasons: {
      none: 'The node has no default route of IPv4.',
      tableShort: 'The routing table was not captured whole.',
    },
    notes: {
      first: () => 'the kernel takes this one now',
      other: () => 'the same metric',
      known: (address) => `the cluster knows the node by ${address}`,
    },
  },
  zh: {
    name: '多块网卡的默认路由 metric 相同',
    looksFor: 'main 表中 metric 最小且相同、但走不同网卡的多条默认路由；以及集群所知的节点地址在哪块网卡上。',
    why: 'metric 相同的默认路由，内核选用最先添加的一条，这取决于哪块网卡先启动；网关没有应答时会换到下一条。kubelet、k3s 和 flannel 如果没有指定地址，就用第一条默认路由所在网卡的地址作为节点地址。',
    consequences:
      '重启或重新获得 DHCP 租约后，节点可能从另一块网卡出去，或以另一个地址注册：证书与地址不符，对端把 Pod 报文发到错误的地址，应答与请求走不同的路径。',
    commonCauses: [
      '两块网卡都用 DHCP，各自获得网关，且采用网络管理程序的默认 metric（netplan、systemd-networkd）。',
      '存储或管理用的第二块网卡也配置了网关。',
    ],
    mimics: [
      'metric 不同：先后顺序明确。',
      '一条经多个网关的路由（nexthop）：本来就要同时使用。',
      '链路已断的网卡；占位的默认路由；其他表中针对特定源地址的默认路由。',
      'bond、网桥、VLAN 与其成员视为同一条路径。',
      '节点地址已在 k3s 或 rke2 配置中指定时，只按低严重度报告。',
    ],
    cure: '在网络配置中给其中一条设置更大的 metric，或去掉它，并明确指定节点地址。',
    title: (d) =>
      `${d.node} 有 ${d.ways.length} 条 metric 同为 ${d.metric} 的默认路由，分别走 ${joinChinese(d.ways.map(({ device }) => device))}`,
    summary(d) {
      const [first] = d.ways
      const routes = `${d.node} 的 main 表中有分别走 ${joinChinese(d.ways.map(wayZh))} 的默认路由，metric 都是 ${d.metric}。内核目前选用先添加的 ${first?.device ?? ''} 那条，重启后可能换成另一条。`
      if (d.known === undefined) return `${routes}节点地址可能随之改变。`
      if (d.isPinned) return `${routes}节点地址 ${d.known.address} 已在配置中指定，不会改变。`
      return d.known.device === first?.device
        ? `${routes}集群所知的节点地址是 ${d.known.address}，会随之改变。`
        : `${routes}集群所知的节点地址是 ${d.known.device} 的 ${d.known.address}，而发往自身网段之外的报文却从另一块网卡出去。`
    },
    ruledOut: () => [
      '这些路由不属于同一条多路径路由，链路都已启用。',
      '这些网卡不属于同一个 bond、网桥或 VLAN。',
    ],
    remedy: (d) => steps('zh', d),
    verify: () => stepsIn('zh', CHECK),
    reasons: {
      none: '该节点没有 IPv4 默认路由。',
      tableShort: '路由表采集不完整。',
    },
    notes: {
      first: () => '内核目前选用这条',
      other: () => 'metric 相同',
      known: (address) => `集群所知的节点地址是 ${address}`,
    },
  },
}
