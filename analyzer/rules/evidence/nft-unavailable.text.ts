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
}
