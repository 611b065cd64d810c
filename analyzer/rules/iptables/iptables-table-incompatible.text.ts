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
    consequences:
      'New Services, endpoints and pods are not programmed on this node; what was programmed before stays in force. k3s may stop altogether.',
    commonCauses: [
      'A rule that an administrator, a script or a security product added with nft into the tables ip filter or ip nat.',
      'A set or a map that a program added to one of these tables.',
    ],
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
  zh: {
    name: 'iptables 拒绝含有原生 nftables 规则的表',
    looksFor:
      'iptables-nft-save 在应打印表的地方打印的注释（“Table … is incompatible, use ’nft’ tool”）、nft 能显示而转储缺少的表，以及写规则的程序日志中的同样内容。',
    why: 'iptables-nft 把规则保存在名为 ip filter、ip nat 等的 nftables 表里。其中只要有一条用 nft 写入、iptables 无法表达的规则，它就拒绝整个表：kube-proxy、kubelet、kube-router 和 CNI 插件既读不了也改不了自己的规则，有的还会停止运行。',
    consequences: '新的 Service、端点和 Pod 不会在该节点上生效；之前写入的仍然有效。k3s 可能完全停止。',
    commonCauses: [
      '管理员、脚本或安全产品用 nft 在 ip filter 或 ip nat 表里添加了规则。',
      '某个程序在这些表里添加了 set 或 map。',
    ],
    mimics: [
      '空表或从未建立的表：iptables 不打印它，nft 也显示没有规则。',
      '自己的表中的原生规则（table inet filter、table ip kube-proxy）：iptables 不受影响。',
    ],
    cure: '把原生规则移到自己的表里，并从 iptables 的表中删除；然后重启写规则的程序。',
    title: ({ node, tables }) => `${node} 的 iptables 拒绝 ${tables.join('、')} 表`,
    summary({ node, tables, isInDump, logLines }) {
      const named = tables.join('、')
      const shown = isInDump
        ? `${node} 的转储没有 ${named} 表的任何内容：其中有原生 nftables 规则。`
        : `${node} 的日志说明 iptables 拒绝 ${named} 表；转储没有显示，或者没有采集。`
      const logged = isInDump && logLines > 0 ? `日志中同样的内容有 ${formatCount(logLines)} 次。` : ''
      return `${shown}${logged}在此期间，kube-proxy、kubelet 和网络插件既读不了也改不了那里的规则：生效的是之前写入的内容，除 nft 之外这里对它一无所知。`
    },
    ruledOut: () => [],
    remedy: ({ tables }) => [
      {
        text: '找出原生规则：不是由 iptables 程序写入的规则，包括 set 和 map。',
        commands: tables.map((table) => `nft -a list table ip ${shellQuote(table)}`),
      },
      {
        text: '把它们放到 iptables 不会查看的自己的表里（以过滤入站的规则为例）。',
        commands: [
          'nft add table inet local_filter',
          `nft add chain inet local_filter input '{ type filter hook input priority 0; policy accept; }'`,
        ],
      },
      {
        text: '按 handle 从 iptables 的表中删除它们（12 只是示例），并重启写规则的程序（k3s、kubelet、kube-proxy、kube-router）。',
        commands: tables.map((table) => `nft delete rule ip ${shellQuote(table)} INPUT handle 12`),
      },
    ],
    verify: ({ tables }) => [
      {
        text: 'iptables 重新打印规则，而不是注释。',
        commands: tables.map((table) => `iptables-save -t ${shellQuote(table)} | head`),
      },
    ],
    reasons: {
      noDump: '没有采集到 iptables 转储，采集到的日志也没有提到。',
      legacyOnly: '所有规则都在 legacy iptables 中，与 nftables 分开存放。',
    },
    notes: {
      dump: () => '代替了整个表',
      leftOut: (table) => `下面的转储没有 ${table} 表`,
      log: () => '被拒绝的程序',
      nft: () => 'nft 显示的内容',
    },
  },
}

function inWords(tables: readonly string[]): string {
  return tables.length === 1 ? `table ${tables.join()}` : `tables ${tables.join(' and ')}`
}
