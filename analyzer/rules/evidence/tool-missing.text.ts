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
}
