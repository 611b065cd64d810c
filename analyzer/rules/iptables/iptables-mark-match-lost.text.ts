import type { RuleTexts } from '../../engine/ruleText.ts'

/** A rule in force that has lost its condition. */
export interface LostMark {
  readonly node: string
  readonly table: string
  readonly chain: string
  readonly effect: 'drops-all' | 'drops-forwarded' | 'accepts-all' | 'masquerades-none' | 'masquerades-all'
  /** nft shows the rule without it as well. */
  readonly isShownByNft: boolean
  readonly command: string
}

export type Note = 'rule' | 'nft' | 'version'

const EFFECT: Readonly<Record<LostMark['effect'], string>> = {
  'drops-all': 'It drops every packet that comes to the node or leaves it.',
  'drops-forwarded': 'It drops every packet that the node forwards: pods reach nobody beyond it.',
  'accepts-all':
    'It accepts whatever is forwarded: rules behind it, network policies among them, are never asked.',
  'masquerades-none': 'Nothing is masqueraded for Services any more: answers go past the node.',
  'masquerades-all':
    'Everything that leaves is masqueraded: pods see the node’s address in place of the sender’s, and network policies take it for the node.',
}

const EFFECT_IN_CHINESE: Readonly<Record<LostMark['effect'], string>> = {
  'drops-all': '它会丢弃进出该节点的所有数据包。',
  'drops-forwarded': '它会丢弃该节点转发的所有数据包：Pod 出不了本节点。',
  'accepts-all': '它会放行所有转发流量：排在后面的规则（包括 NetworkPolicy）不再生效。',
  'masquerades-none': 'Service 流量不再做 SNAT：回包会绕过本节点。',
  'masquerades-all':
    '所有出去的流量都被 SNAT：Pod 看到的是节点地址而不是发送方地址，NetworkPolicy 也会把它当成节点。',
}

const nftCommand = ({ table, chain }: LostMark): string => `nft list chain ip ${table} ${chain}`
const flushCommands = ({ command, table, chain }: LostMark): string[] => [
  `${command} -t ${table} -F ${chain}`,
  'systemctl restart kubelet || systemctl restart k3s',
]

/** The words of iptables-mark-match-lost. */
export const text: RuleTexts<LostMark, 'noChains', Note> = {
  en: {
    name: 'A rule of Kubernetes has lost its condition, and holds for every packet',
    looksFor:
      'Rules of KUBE-FIREWALL, KUBE-FORWARD and KUBE-POSTROUTING that Kubernetes always writes with a mark or a state, and that stand in the kernel without one: in a dump that shows all that is there, or in nft as well.',
    why: 'iptables-nft 1.8.8 and later write marks, states and ports in a form that 1.8.7 and earlier cannot read. When an older program saves the rules and restores them (kube-router, an upgrade script, iptables-persistent), it writes back what it understood: the rule without its condition.',
    consequences:
      'The node cuts itself off, or forwards nothing, or masquerades all or nothing, according to the rule.',
    commonCauses: [
      'An image with iptables before 1.8.8 on a host with a newer one, or the reverse (kube-router, k3s, Fedora CoreOS 37).',
      'iptables-save | iptables-restore by the older of two programs.',
    ],
    mimics: [
      'A dump by an older iptables of rules that are sound in the kernel: nft shows the mark, and iptables-dump-by-older-binary tells of it.',
      'KUBE-POSTROUTING … -j MASQUERADE behind a RETURN of unmarked packets, as it is written since 1.19.',
    ],
    cure: 'Flush the chain and restart kubelet or k3s, which write it anew; then bring every iptables on the node to one release (1.8.8 or later).',
    title: ({ node, chain }) => `A rule of ${chain} on ${node} has lost its condition`,
    summary: ({ node, chain, table, effect, isShownByNft }) =>
      `On ${node} a rule of ${chain} (table ${table}) holds for every packet, though Kubernetes never writes it without a condition. ${EFFECT[effect]} ${isShownByNft ? 'nft shows it without one as well: it is in force so.' : 'The program that made the dump reads all that iptables writes: it is in force so.'}`,
    ruledOut: ({ isShownByNft }) => [
      isShownByNft
        ? 'It is not the dump alone that lacks the condition: nft shows the same.'
        : 'The dump was made by a program that prints such conditions.',
    ],
    remedy: (d) => [
      { text: 'Flush the chain and let kubelet or k3s write it anew.', commands: flushCommands(d) },
      {
        text: 'Bring the iptables of the host and of every image that writes rules to one release.',
        commands: ['iptables -V', '/var/lib/rancher/k3s/data/current/bin/aux/iptables -V'],
      },
    ],
    verify: (d) => [{ text: 'The rule bears its condition again.', commands: [nftCommand(d)] }],
    reasons: { noChains: 'No dump has chains of Kubernetes.' },
    notes: {
      rule: () => 'Kubernetes never writes this rule without a condition',
      nft: () => 'nft shows none either',
      version: (version) => `printed by iptables ${version}`,
    },
  },
  zh: {
    name: 'Kubernetes 的规则丢失了匹配条件，对所有包生效',
    looksFor:
      'KUBE-FIREWALL、KUBE-FORWARD、KUBE-POSTROUTING 中，Kubernetes 总是带 mark 或 state 写入、而内核里却没有条件的规则：依据是能完整显示规则的 dump，或 nft 的输出。',
    why: 'iptables-nft 1.8.8 及以后的版本以 1.8.7 及以前读不懂的形式写入 mark、state 和端口匹配。旧版本程序保存再恢复规则时（kube-router、升级脚本、iptables-persistent），写回去的只是它读懂的部分：没有条件的规则。',
    consequences: '视具体规则，节点会断网、不再转发、或对所有流量做或不做 SNAT。',
    commonCauses: [
      '镜像中的 iptables 低于 1.8.8，而主机的较新，或相反（kube-router、k3s、Fedora CoreOS 37）。',
      '用两个版本中较旧的那个执行了 iptables-save | iptables-restore。',
    ],
    mimics: [
      '内核中的规则完好，只是 dump 由旧版 iptables 导出：nft 能看到 mark，由 iptables-dump-by-older-binary 说明。',
      '1.19 起 KUBE-POSTROUTING 的写法：前面先对未打标记的包 RETURN，后面的 MASQUERADE 不带条件。',
    ],
    cure: '清空该链并重启 kubelet 或 k3s，由它们重新写入；然后让节点上所有 iptables 统一到同一版本（1.8.8 或更高）。',
    title: ({ node, chain }) => `${node} 上 ${chain} 的一条规则丢失了匹配条件`,
    summary: ({ node, chain, table, effect, isShownByNft }) =>
      `${node} 上 ${chain}（${table} 表）的一条规则对所有包生效，而 Kubernetes 从不写入不带条件的这条规则。${EFFECT_IN_CHINESE[effect]}${isShownByNft ? 'nft 的输出同样没有条件：内核中就是如此。' : '导出 dump 的程序能读出 iptables 写入的全部内容：内核中就是如此。'}`,
    ruledOut: ({ isShownByNft }) => [
      isShownByNft ? '不只是 dump 缺少条件：nft 的输出也一样。' : '导出 dump 的程序能够打印这类条件。',
    ],
    remedy: (d) => [
      { text: '清空该链，由 kubelet 或 k3s 重新写入。', commands: flushCommands(d) },
      {
        text: '让主机和所有会写规则的镜像使用同一版本的 iptables。',
        commands: ['iptables -V', '/var/lib/rancher/k3s/data/current/bin/aux/iptables -V'],
      },
    ],
    verify: (d) => [{ text: '规则恢复了匹配条件。', commands: [nftCommand(d)] }],
    reasons: { noChains: '没有任何 dump 含有 Kubernetes 的链。' },
    notes: {
      rule: () => 'Kubernetes 从不写入不带条件的这条规则',
      nft: () => 'nft 中同样没有条件',
      version: (version) => `由 iptables ${version} 导出`,
    },
  },
}
