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
    consequences: 'Without this check the node would be in conflict with itself over every address.',
    commonCauses: [
      'The collector was run twice, and both archives were handed over.',
      'The same bundle was copied under another name.',
    ],
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
  zh: {
    name: '同一个节点有多个采集包',
    looksFor: 'boot id 相同的采集包：内核每次启动都会生成新的 boot id，两个节点不会相同。',
    why: '该节点的地址和硬件地址在本案例中出现了两次。节点之间的比较会把它们当成冲突。',
    consequences: '如果不做此检查，该节点会在每个地址上与自己冲突。',
    commonCauses: ['采集脚本运行了两次，两个归档都交了上来。', '同一个采集包被改名复制。'],
    mimics: ['克隆的虚拟机：machine id 相同，但 boot id 不同。'],
    cure: '每个节点只分析一个采集包；保留最新的。',
    title: ({ bundles }) => `${bundles.join(' 和 ')} 是同一个节点的采集包`,
    summary: ({ bundles }) =>
      `${bundles.join(' 和 ')} 的 boot id 相同，即它们来自同一个节点的同一次启动。它们相同的内容不是节点之间的冲突。`,
    ruledOut: () => [],
    remedy: () => [{ text: '从案例中去掉较旧的采集包。', commands: [] }],
    verify: () => [
      {
        text: '案例中每个采集包的 boot id 都不同。',
        commands: ['cat /proc/sys/kernel/random/boot_id'],
      },
    ],
    reasons: { alone: '只有一个采集包，或者采集包没有 boot id。' },
    notes: {},
  },
}
