import type { RuleTexts } from '../../engine/ruleText.ts'

/** The node's rules live in nftables, and nothing shows them as nftables has them. */
export interface NftUnavailable {
  readonly node: string
  readonly version: string
}

type Reason = 'noDump' | 'notNftables'
type Note = 'backend'

/** The words of nft-unavailable. */
export const text: RuleTexts<NftUnavailable, Reason, Note> = {
  en: {
    name: 'iptables writes to nftables, and nft is not there to show it',
    looksFor: 'A dump of iptables-nft on a node without the nft tool.',
    why: 'iptables-nft shows rules as far as its own version understands them. Rules of another version, and tables made with nft itself, are seen only by nft: without it, it stays open whether an oddity is in the kernel or in the dump, and a native table may reject what iptables accepts.',
    consequences:
      'Whether an odd rule is in the kernel or only in the dump stays open, and so does what native tables do to traffic.',
    commonCauses: [
      'A minimal image without the nftables package.',
      'Only the iptables that k3s brings along is on the node.',
    ],
    mimics: ['A node whose iptables is the legacy one: nft would add nothing about its rules.'],
    cure: 'Install nftables and collect again.',
    title: ({ node }) => `nft is missing on ${node}, whose iptables writes to nftables`,
    summary: ({ node, version }) =>
      `${version === '' ? 'iptables' : `iptables ${version}`} on ${node} keeps its rules in nftables, and the node has no nft. Rules that iptables cannot show, and native nftables tables, were not seen.`,
    ruledOut: () => [],
    remedy: () => [{ text: 'Install nft and collect again.', commands: ['apt-get install nftables'] }],
    verify: () => [{ text: 'nft lists the tables.', commands: ['nft list tables'] }],
    reasons: {
      noDump: 'There is no iptables dump.',
      notNftables: 'The iptables of this node does not write to nftables.',
    },
    notes: { backend: () => 'made by iptables-nft' },
  },
  zh: {
    name: 'iptables 写入 nftables，但没有 nft 可供查看',
    looksFor: '没有 nft 工具的节点上由 iptables-nft 生成的转储。',
    why: 'iptables-nft 只能显示自己版本看得懂的规则。其他版本写入的规则，以及直接用 nft 建立的表，只有 nft 能看到：没有它，就无法判断异常是在内核里还是只在转储里，而原生表可能会拒绝 iptables 放行的流量。',
    consequences: '异常的规则是在内核里还是只在转储里，以及原生表对流量做了什么，都无法确定。',
    commonCauses: ['精简镜像没有安装 nftables。', '节点上只有 k3s 自带的 iptables。'],
    mimics: ['使用 legacy iptables 的节点：nft 并不能提供更多规则信息。'],
    cure: '安装 nftables 后重新采集。',
    title: ({ node }) => `${node} 的 iptables 写入 nftables，但缺少 nft`,
    summary: ({ node, version }) =>
      `${node} 上的 ${version === '' ? 'iptables' : `iptables ${version}`} 把规则保存在 nftables 里，而节点没有 nft。iptables 无法显示的规则和原生 nftables 表都没有看到。`,
    ruledOut: () => [],
    remedy: () => [{ text: '安装 nft 后重新采集。', commands: ['apt-get install nftables'] }],
    verify: () => [{ text: 'nft 能列出各表。', commands: ['nft list tables'] }],
    reasons: { noDump: '没有 iptables 转储。', notNftables: '该节点的 iptables 不写入 nftables。' },
    notes: { backend: () => '由 iptables-nft 生成' },
  },
}
