import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'

/** Several rules that lead to one chain. */
export interface DoubledJump {
  readonly node: string
  readonly table: string
  readonly from: string
  readonly to: string
  readonly count: number
  readonly command: string
}

const listCommand = ({ command, table, from }: DoubledJump): string =>
  `${command} -t ${table} -S ${from} | grep -n -e KUBE`

const deleteCommands = ({ command, table, from }: DoubledJump): string[] => [
  `${command} -t ${table} -L ${from} -n --line-numbers`,
  `${command} -t ${table} -D ${from} NUMBER`,
]

/** The words of iptables-kube-forward-duplicate. */
export const text: RuleTexts<DoubledJump, 'noChains', 'jump'> = {
  en: {
    name: 'Two different rules lead to one chain of Kubernetes',
    looksFor:
      'More than one rule, in different words, by which PREROUTING or OUTPUT leads to KUBE-SERVICES, POSTROUTING to KUBE-POSTROUTING, FORWARD to KUBE-FORWARD.',
    why: 'kube-proxy makes sure that its own wording of the jump is there; wordings of older versions it does not know. A rule of an earlier version, with or without “-m conntrack --ctstate NEW”, stays until the node is rebooted. Packets then pass the chain twice, or bypass the condition that the newer rule has.',
    consequences:
      'Little by itself: a second look at the chain for each packet. It tells of an upgrade without a reboot, or of two versions of kube-proxy that take turns.',
    commonCauses: ['An upgrade of kube-proxy or k3s without a reboot.', 'Two kube-proxies on one node.'],
    mimics: [
      'Copies of one and the same rule: see iptables-duplicate-rules.',
      'Jumps for some networks or devices alone, one for each.',
      'Jumps to other chains of kube-proxy (KUBE-EXTERNAL-SERVICES, KUBE-PROXY-FIREWALL), of which each has its own.',
    ],
    cure: 'Take the older rule out, or reboot the node at the next occasion.',
    title: ({ node, from, to, count }) => `${formatCount(count)} rules of ${from} lead to ${to} on ${node}`,
    summary: ({ node, table, from, to, count }) =>
      `On ${node} ${formatCount(count)} rules of ${from} (table ${table}), each in its own words, lead to ${to}. One of them is most likely left from an older version. Traffic is hardly affected.`,
    ruledOut: () => ['The rules are no copies: their conditions differ.'],
    remedy: (d) => [
      { text: 'Look which rule kube-proxy writes now, and take out the other.', commands: deleteCommands(d) },
    ],
    verify: (d) => [{ text: 'One rule is left.', commands: [listCommand(d)] }],
    reasons: { noChains: 'No dump has chains of kube-proxy.' },
    notes: { jump: (to) => `leads to ${to}` },
  },
  zh: {
    name: '两条不同的规则跳转到同一条 Kubernetes 链',
    looksFor:
      'PREROUTING 或 OUTPUT 到 KUBE-SERVICES、POSTROUTING 到 KUBE-POSTROUTING、FORWARD 到 KUBE-FORWARD 的跳转有多条，且写法不同。',
    why: 'kube-proxy 只保证自己这一版写法的跳转存在，不认识旧版本的写法。旧版本的规则（带或不带 “-m conntrack --ctstate NEW”）会一直留到节点重启。数据包因此会经过该链两次，或绕过新规则所带的条件。',
    consequences:
      '本身影响不大：每个包多查一遍该链。它说明升级后没有重启，或有两个版本的 kube-proxy 在轮流写规则。',
    commonCauses: ['升级 kube-proxy 或 k3s 后没有重启节点。', '一个节点上运行了两个 kube-proxy。'],
    mimics: [
      '同一条规则的多份拷贝：见 iptables-duplicate-rules。',
      '只针对某些网段或接口的跳转，每个各有一条。',
      '跳转到 kube-proxy 的其他链（KUBE-EXTERNAL-SERVICES、KUBE-PROXY-FIREWALL），它们各有自己的规则。',
    ],
    cure: '删除旧的那条规则，或在下次维护时重启节点。',
    title: ({ node, from, to, count }) => `${node} 的 ${from} 中有 ${formatCount(count)} 条规则跳转到 ${to}`,
    summary: ({ node, table, from, to, count }) =>
      `${node} 的 ${from}（${table} 表）中有 ${formatCount(count)} 条写法不同的规则跳转到 ${to}，其中一条很可能是旧版本遗留的。对流量几乎没有影响。`,
    ruledOut: () => ['这些规则不是拷贝：条件各不相同。'],
    remedy: (d) => [{ text: '确认 kube-proxy 现在写的是哪一条，删除另一条。', commands: deleteCommands(d) }],
    verify: (d) => [{ text: '只剩一条规则。', commands: [listCommand(d)] }],
    reasons: { noChains: '没有任何 dump 含有 kube-proxy 的链。' },
    notes: { jump: (to) => `跳转到 ${to}` },
  },
}
