import type { RuleTexts } from '../../engine/ruleText.ts'

/** Two bundles are of one node. */
export interface NodeCollectedTwice {
  readonly bundles: readonly string[]
}

type Reason = 'alone'

/** The words of node-collected-twice. */
export const text: RuleTexts<NodeCollectedTwice, Reason> = {
  en: {
    name: 'One node sent more than one bundle',
    looksFor:
      'Bundles with the same boot id: the kernel makes a new one at every start, so that two nodes never share it.',
    why: 'Addresses and hardware addresses of the node appear twice in the case. Comparisons between nodes would take them for a conflict.',
    mimics: ['A cloned virtual machine: it shares the machine id, but not the boot id.'],
    cure: 'Analyse one bundle of each node; keep the newest.',
    title: ({ bundles }) => `${bundles.join(' and ')} are bundles of one node`,
    summary: ({ bundles }) =>
      `${bundles.join(' and ')} bear the same boot id, so they were made on one node since it started. What they share is no conflict between nodes.`,
    ruledOut: () => [],
    remedy: () => [{ text: 'Leave the older bundle out of the case.', commands: [] }],
    verify: () => [
      {
        text: 'Every bundle of the case has a boot id of its own.',
        commands: ['cat /proc/sys/kernel/random/boot_id'],
      },
    ],
    reasons: { alone: 'There is one bundle only, or the bundles do not tell their boot ids.' },
    notes: {},
  },
}
