import type { RuleTexts } from '../../engine/ruleText.ts'

/** Captures that were not made since the node lacks their tool. */
export interface ToolMissing {
  readonly node: string
  readonly paths: readonly string[]
}

type Note = 'absent'

/** The words of tool-missing. */
export const text: RuleTexts<ToolMissing, never, Note> = {
  en: {
    name: 'The node lacks a tool that the captures need',
    looksFor:
      'Captures of addresses, links, routes, rules, neighbours, sockets and iptables rules that the manifest calls absent.',
    why: 'These show the network of every node. Where their tool is not installed nothing is known of that part of the node, which is not the same as nothing being wrong.',
    consequences: 'A whole part of the node stays dark: the checks that need it are listed as not made.',
    commonCauses: [
      'A minimal or immutable operating system.',
      'The tools are installed, but outside of the collector’s search path.',
    ],
    mimics: ['Captures that only some nodes have, such as IPVS or docker: their absence is not reported.'],
    cure: 'Install the tools (Debian: iproute2, iptables), or run a static BusyBox and the tools that k3s and rke2 bring along, and collect again.',
    title: ({ node, paths }) =>
      `${paths.length === 1 ? 'A tool is' : 'Tools are'} missing on ${node}: ${paths.join(', ')}`,
    summary: ({ node, paths }) =>
      `On ${node} the collector found no tool for ${paths.join(', ')}. Checks that need them were not made.`,
    ruledOut: () => [],
    remedy: () => [
      { text: 'Install the tools and collect again.', commands: ['apt-get install iproute2 iptables'] },
    ],
    verify: () => [{ text: 'The tools are there.', commands: ['command -v ip ss iptables-save'] }],
    reasons: {},
    notes: { absent: () => 'its tool is not on the node' },
  },
  zh: {
    name: '节点缺少采集所需的工具',
    looksFor: '清单中标为不存在的地址、链路、路由、策略路由、邻居、套接字和 iptables 规则采集项。',
    why: '这些内容反映每个节点的网络。没有相应工具时，节点的这一部分一无所知，而这不等于没有问题。',
    consequences: '节点的这一部分完全看不到：需要它的检查列为未进行。',
    commonCauses: ['精简的或不可变的操作系统。', '工具已安装，但不在采集脚本的搜索路径中。'],
    mimics: ['只有部分节点才有的采集项，例如 IPVS 或 docker：缺少它们不会报告。'],
    cure: '安装这些工具（Debian：iproute2、iptables），或使用静态 BusyBox 以及 k3s、rke2 自带的工具，然后重新采集。',
    title: ({ node, paths }) => `${node} 缺少采集 ${paths.join('、')} 的工具`,
    summary: ({ node, paths }) => `${node} 上没有采集 ${paths.join('、')} 的工具。需要它们的检查没有进行。`,
    ruledOut: () => [],
    remedy: () => [{ text: '安装工具后重新采集。', commands: ['apt-get install iproute2 iptables'] }],
    verify: () => [{ text: '工具已具备。', commands: ['command -v ip ss iptables-save'] }],
    reasons: {},
    notes: { absent: () => '节点上没有对应的工具' },
  },
}
