import type { RuleTexts } from '../../engine/ruleText.ts'

/** The collector saw a container's network in place of the node's. */
export interface CollectedInContainer {
  readonly node: string
  readonly devices: readonly string[]
}

type Note = 'device'

/** The words of collected-in-container. */
export const text: RuleTexts<CollectedInContainer, never, Note> = {
  en: {
    name: 'The collector ran inside a container',
    looksFor:
      'A network namespace that holds nothing but the loopback device and ends of virtual links, without a bridge, a pod link or a tunnel, and without any iptables rule.',
    why: 'A container has addresses, routes, neighbours and rules of its own. The bundle then describes that container; nothing in it speaks of the node.',
    mimics: [
      'A node that is itself a container (kind, k3d): it holds the bridge and the links of its pods.',
      'A node whose pods all use the host’s network: it has a real network card.',
    ],
    cure: 'Run the collector on the node itself, or in a pod with hostNetwork, hostPID and the host’s root mounted.',
    title: ({ node }) => `The bundle of ${node} seems to be of a container, not of the node`,
    summary: ({ node, devices }) =>
      `All that the collector saw on ${node} is ${devices.join(', ')}: the inside of a container. Addresses, routes, neighbours and iptables rules of the node are not in this bundle.`,
    ruledOut: () => [
      'The namespace holds no bridge, pod link or tunnel, as a node that is itself a container would.',
    ],
    remedy: () => [
      {
        text: 'Collect on the node itself, in its own network namespace.',
        commands: ['sudo nsenter -t 1 -n sh collect.sh'],
      },
    ],
    verify: () => [{ text: 'The node’s network card is among the links.', commands: ['ip -br link'] }],
    reasons: {},
    notes: { device: () => 'one end of a virtual link; the other is outside' },
  },
}
