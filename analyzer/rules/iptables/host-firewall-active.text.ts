import type { RuleTexts } from '../../engine/ruleText.ts'
import type { Probe } from '../../facts/node/probes.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'

/** A firewall of the host that stops the cluster's packets. */
export interface ActiveFirewall {
  readonly node: string
  readonly manager: 'firewalld' | 'ufw'
  readonly stopped: readonly Probe['kind'][]
}

export type Note = 'chain' | 'stops'

const STOPPED: Readonly<Record<Probe['kind'], string>> = {
  'pod-to-pod': 'connections between pods of different nodes',
  'pod-to-service': 'connections of pods to Services',
  'api-to-kubelet': 'connections to the kubelet (10250/tcp)',
  'node-to-api': 'the node’s own connections to the API server',
  overlay: 'the packets of the overlay network',
}

const STOPPED_IN_CHINESE: Readonly<Record<Probe['kind'], string>> = {
  'pod-to-pod': '跨节点的 Pod 之间的连接',
  'pod-to-service': 'Pod 到 Service 的连接',
  'api-to-kubelet': '到 kubelet 的连接（10250/tcp）',
  'node-to-api': '节点自身到 API server 的连接',
  overlay: 'overlay 网络的数据包',
}

const offCommands = ({ manager }: ActiveFirewall): string[] =>
  manager === 'ufw' ? ['ufw disable'] : ['systemctl disable --now firewalld']

const openCommands = ({ manager, stopped }: ActiveFirewall): string[] =>
  manager === 'ufw'
    ? [
        'ufw allow from POD-NETWORK',
        'ufw allow from SERVICE-NETWORK',
        'ufw allow from NODE-NETWORK',
        'ufw default allow routed',
        ...(stopped.includes('node-to-api') ? ['ufw allow out to NODE-NETWORK'] : []),
      ]
    : [
        'firewall-cmd --permanent --zone=trusted --add-source=POD-NETWORK',
        'firewall-cmd --permanent --zone=trusted --add-source=SERVICE-NETWORK',
        'firewall-cmd --permanent --zone=trusted --add-source=NODE-NETWORK',
        'firewall-cmd --reload',
      ]

const stateCommands = ({ manager }: ActiveFirewall): string[] =>
  manager === 'ufw' ? ['ufw status verbose'] : ['firewall-cmd --list-all-zones']

/** The words of host-firewall-active. */
export const text: RuleTexts<ActiveFirewall, 'noFirewall', Note> = {
  en: {
    name: 'firewalld or ufw is active and does not know the cluster',
    looksFor:
      'Chains of firewalld (its native table among them) or ufw that the kernel enters on a node, where they stop packets between pods, to the kubelet, from the node to the API server or of the overlay network.',
    why: 'A firewall of the host lets in what it was told of. The ports of Kubernetes, the overlay’s and the networks of pods and Services must each be opened; and each reload of it may put its rules before those of Kubernetes, or flush them.',
    consequences: 'Some of the cluster’s traffic is refused or dropped, on this node alone; the rest works.',
    commonCauses: [
      'A distribution that switches it on (RHEL and its kin firewalld, some Ubuntu images ufw).',
      'Ports opened for ssh and the API server alone.',
    ],
    mimics: [
      'A firewall that lets the cluster’s packets pass: all were asked about, and none was stopped.',
      'ufw that was disabled: its chains stay, no jump leads to them.',
      'Refusals by other rules: see iptables-reject-before-accept.',
    ],
    cure: 'Take it off the node, as k3s and RKE2 advise, or open it for the networks of pods, Services and nodes and for routed packets.',
    title: ({ node, manager, stopped }) =>
      `${manager} is active on ${node} and stops ${joinWords(stopped.map((kind) => STOPPED[kind]))}`,
    summary: ({ node, manager, stopped }) =>
      `${manager} manages the firewall of ${node}. Its rules stop ${joinWords(stopped.map((kind) => STOPPED[kind]))}: it was not told of the cluster’s networks and ports.`,
    ruledOut: () => ['The kernel enters its chains: it is not merely installed.'],
    remedy: (d) => [
      { text: 'See what it lets pass.', commands: stateCommands(d) },
      { text: 'Open it for the networks of pods, Services and nodes …', commands: openCommands(d) },
      { text: '… or take it off the node.', commands: offCommands(d) },
    ],
    verify: (d) => [{ text: 'The networks are listed, or it is off.', commands: stateCommands(d) }],
    reasons: { noFirewall: 'Neither firewalld nor ufw has chains that the kernel enters.' },
    notes: {
      chain: (manager) => `a chain of ${manager}, or one that leads to its chains`,
      stops: (chain) => `stops packets of the cluster in ${chain}`,
    },
  },
  zh: {
    name: 'firewalld 或 ufw 处于启用状态，却没有为集群放行',
    looksFor:
      '节点上被内核执行的 firewalld（包括其原生 nftables 表）或 ufw 的链，且它们挡住了 Pod 之间、到 kubelet、节点到 API server 或 overlay 网络的数据包。',
    why: '主机防火墙只放行配置过的流量。Kubernetes 和 overlay 的端口、Pod 和 Service 的网段都要逐一放行；它每次重新加载，还可能把自己的规则插到 Kubernetes 的规则之前，或清空后者。',
    consequences: '集群的部分流量被拒绝或丢弃，且只在该节点上；其余流量正常。',
    commonCauses: [
      '发行版默认启用（RHEL 系的 firewalld、部分 Ubuntu 镜像的 ufw）。',
      '只放行了 ssh 和 API server 的端口。',
    ],
    mimics: [
      '防火墙已为集群放行：逐一检查过，没有数据包被挡住。',
      '已禁用的 ufw：链还在，但没有跳转到它们的规则。',
      '由其他规则拒绝：见 iptables-reject-before-accept。',
    ],
    cure: '按 k3s 和 RKE2 的建议在节点上停用它，或为 Pod、Service、节点的网段以及转发流量放行。',
    title: ({ node, manager, stopped }) =>
      `${node} 上启用了 ${manager}，挡住了${joinChinese(stopped.map((kind) => STOPPED_IN_CHINESE[kind]))}`,
    summary: ({ node, manager, stopped }) =>
      `${node} 的防火墙由 ${manager} 管理。它的规则挡住了${joinChinese(stopped.map((kind) => STOPPED_IN_CHINESE[kind]))}：没有为集群的网段和端口放行。`,
    ruledOut: () => ['内核会执行它的链：不只是安装了而已。'],
    remedy: (d) => [
      { text: '查看它放行了什么。', commands: stateCommands(d) },
      { text: '为 Pod、Service 和节点的网段放行……', commands: openCommands(d) },
      { text: '……或在该节点上停用它。', commands: offCommands(d) },
    ],
    verify: (d) => [{ text: '网段已列出，或防火墙已停用。', commands: stateCommands(d) }],
    reasons: { noFirewall: 'firewalld 和 ufw 都没有被内核执行的链。' },
    notes: {
      chain: (manager) => `${manager} 的链，或跳转到其链的入口链`,
      stops: (chain) => `在 ${chain} 中挡住了集群的数据包`,
    },
  },
}
