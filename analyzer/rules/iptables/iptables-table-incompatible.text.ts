import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** Tables that iptables refuses. */
export interface TableIncompatible {
  readonly node: string
  /** `filter`, `nat` … */
  readonly tables: readonly string[]
  /** A dump lacks them; false: a log alone says it. */
  readonly isInDump: boolean
  readonly logLines: number
}

/** Names of what is to be seen in a line of evidence. */
export type Note = 'dump' | 'leftOut' | 'log' | 'nft'

type Reason = 'noDump' | 'legacyOnly'

/** The words of iptables-table-incompatible. */
export const text: RuleTexts<TableIncompatible, Reason, Note> = {
  en: {
    name: 'iptables refuses a table that holds native nftables rules',
    looksFor:
      'The comment that iptables-nft-save prints in place of a table (“Table … is incompatible, use ’nft’ tool”), tables that nft shows and the dump leaves out, and the same words in the logs of those who write rules.',
    why: 'iptables-nft keeps its rules in nftables tables named ip filter, ip nat and so on. One rule there that was written with nft, and that iptables has no words for, makes it refuse the whole table: kube-proxy, kubelet, kube-router and CNI plugins can neither read nor change their rules, and some of them stop.',
    mimics: [
      'An empty table, or one that was never made: iptables prints nothing of it, and nft shows no rule in it.',
      'Native rules in tables of their own (table inet filter, table ip kube-proxy): iptables does not mind them.',
    ],
    cure: 'Move the native rules to a table of their own and delete them from the tables of iptables; then restart those who write rules.',
    title: ({ node, tables }) => `iptables refuses the ${inWords(tables)} of ${node}`,
    summary({ node, tables, isInDump, logLines }) {
      const shown = isInDump
        ? `The dump of ${node} shows nothing of the ${inWords(tables)}: native nftables rules stand in it.`
        : `The logs of ${node} say that iptables refuses the ${inWords(tables)}; the dump does not show it, or was not made.`
      const logged = isInDump && logLines > 0 ? ` The same was logged ${formatCount(logLines)} times.` : ''
      return `${shown}${logged} As long as they do, kube-proxy, kubelet and network plugins can neither read nor change their rules there: what is in force is what was written before, and nothing is known of it here except through nft.`
    },
    ruledOut: () => [],
    remedy: ({ tables }) => [
      {
        text: 'Find the native rules: those that no iptables program wrote, sets and maps among them.',
        commands: tables.map((table) => `nft -a list table ip ${shellQuote(table)}`),
      },
      {
        text: 'Put them in a table of their own, where iptables does not look (an example for one that filters input).',
        commands: [
          'nft add table inet local_filter',
          `nft add chain inet local_filter input '{ type filter hook input priority 0; policy accept; }'`,
        ],
      },
      {
        text: 'Delete them from the table of iptables by their handles (12 stands for one), and restart those who write rules (k3s, kubelet, kube-proxy, kube-router).',
        commands: tables.map((table) => `nft delete rule ip ${shellQuote(table)} INPUT handle 12`),
      },
    ],
    verify: ({ tables }) => [
      {
        text: 'iptables prints the rules again, and no comment in their place.',
        commands: tables.map((table) => `iptables-save -t ${shellQuote(table)} | head`),
      },
    ],
    reasons: {
      noDump: 'No iptables dump was captured, and no captured log says so.',
      legacyOnly: 'All rules are in legacy iptables, which keeps them apart from nftables.',
    },
    notes: {
      dump: () => 'in place of the whole table',
      leftOut: (table) => `the dump below this has no table ${table}`,
      log: () => 'a program that was refused',
      nft: () => 'what is there, by nft',
    },
  },
}

function inWords(tables: readonly string[]): string {
  return tables.length === 1 ? `table ${tables.join()}` : `tables ${tables.join(' and ')}`
}
