import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { howOften } from '../../text/howOften.ts'

/** What was found: a kubelet that does not start because of swap. */
export interface SwapEnabled {
  readonly node: string
  readonly count: number
}

type Reason = 'noJournal'
type Note = 'log'

/** The words of swap-enabled. */
export const text: RuleTexts<SwapEnabled, Reason, Note> = {
  en: {
    name: 'The kubelet does not start because swap is on',
    looksFor: '“running with swap on is not supported” in the kubelet’s journal.',
    why: 'Unless it is told otherwise (failSwapOn: false), a kubelet ends at once on a node with swap. systemd starts it again every ten seconds.',
    consequences: 'The node is NotReady, or never joins; running containers go on by themselves.',
    commonCauses: ['A reboot: swap was switched off by hand, and stands in /etc/fstab still.'],
    mimics: [
      'k3s and rke2 allow swap; they do not log this.',
      'A kubelet that runs with swap on purpose (NodeSwap): it does not log this either.',
      'Lines of an earlier boot, or more than a day old: they count one step less.',
    ],
    cure: 'Switch swap off, and take it out of /etc/fstab; or allow it with failSwapOn: false.',
    title: (d) => `The kubelet of ${d.node} does not start because swap is on`,
    summary: (d) =>
      `The kubelet of ${d.node} ended ${howOften(d.count)} because the node has swap. Until it runs, the node is NotReady and nothing is started or stopped on it.`,
    ruledOut: () => [],
    remedy: () => [
      {
        text: 'Switch swap off now and for good.',
        commands: ['swapoff -a', "sed -i.bak '/\\sswap\\s/s/^/#/' /etc/fstab", 'systemctl restart kubelet'],
      },
    ],
    verify: () => [
      {
        text: 'There is no swap, and the kubelet runs.',
        commands: ['swapon --show', 'systemctl is-active kubelet'],
      },
    ],
    reasons: { noJournal: 'No journal of a kubelet was captured.' },
    notes: { log: (count) => (count === '1' ? 'logged once' : `one of ${count} such lines`) },
  },
  zh: {
    name: 'kubelet 因启用 swap 而无法启动',
    looksFor: 'kubelet 日志中的 “running with swap on is not supported”。',
    why: '除非明确允许（failSwapOn: false），kubelet 在启用 swap 的节点上会立即退出，systemd 每十秒重新拉起一次。',
    consequences: '节点 NotReady 或无法加入集群；已运行的容器不受影响。',
    commonCauses: ['重启之后：swap 曾手工关闭，但 /etc/fstab 中还在。'],
    mimics: [
      'k3s 和 rke2 允许 swap，不会有该日志。',
      '有意在 swap 下运行的 kubelet（NodeSwap）同样不会有该日志。',
      '早于本次启动或超过一天的日志：置信度降一级。',
    ],
    cure: '关闭 swap 并从 /etc/fstab 中移除；或设置 failSwapOn: false。',
    title: (d) => `${d.node} 的 kubelet 因启用 swap 而无法启动`,
    summary: (d) =>
      `${d.node} 的 kubelet 共 ${formatCount(d.count)} 次因节点启用 swap 退出。kubelet 恢复之前，节点处于 NotReady，无法启动或停止 Pod。`,
    ruledOut: () => [],
    remedy: () => [
      {
        text: '立即并永久关闭 swap。',
        commands: ['swapoff -a', "sed -i.bak '/\\sswap\\s/s/^/#/' /etc/fstab", 'systemctl restart kubelet'],
      },
    ],
    verify: () => [
      { text: '没有 swap，kubelet 正常运行。', commands: ['swapon --show', 'systemctl is-active kubelet'] },
    ],
    reasons: { noJournal: '没有采集到 kubelet 的日志。' },
    notes: { log: (count) => (count === '1' ? '仅一条日志' : `共 ${count} 条此类日志之一`) },
  },
}
