import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { howOften } from '../../text/howOften.ts'

/** What was found: the kubelet waits for its container runtime. */
export interface PlegUnhealthy {
  readonly node: string
  /** Lines in the log that say so. */
  readonly count: number
  /** The longest wait that is still in the log, in the kubelet’s words: `3m12.5s`. */
  readonly age: string
  readonly limit: string
}

type Reason = 'noJournal'
type Note = 'log'

/** The words of pleg-unhealthy. */
export const text: RuleTexts<PlegUnhealthy, Reason, Note> = {
  en: {
    name: 'The kubelet waits for its container runtime (PLEG is not healthy)',
    looksFor: 'The kubelet’s message “PLEG is not healthy: pleg was last seen active … ago” in its journal.',
    why: 'The kubelet lists all containers once a second. Where one such round takes longer than three minutes, because the runtime does not answer or answers slowly, the kubelet takes the runtime for dead and stops working on pods.',
    consequences:
      'The node becomes NotReady, pods are neither started nor stopped, and after five minutes they are evicted. Running containers and their connections go on.',
    commonCauses: [
      'A container runtime that hangs, on a stuck mount or a task that cannot be killed.',
      'A disk that is too slow or full.',
      'Thousands of exited containers.',
      'A node without CPU left, for instance in soft lockups.',
    ],
    mimics: [
      '“pleg has yet to be successful”: it stands in the log at every start and is not counted.',
      'Lines of an earlier boot, or more than a day old: they count one step less.',
    ],
    cure: 'Find what the runtime waits for: tasks in state D, the disk, the runtime’s own log. Restarting the runtime helps for the moment.',
    title: (d) => `The container runtime of ${d.node} did not answer the kubelet for ${d.age}`,
    summary: (d) =>
      `The kubelet of ${d.node} logged ${howOften(d.count)} that it had no answer of the container runtime for up to ${d.age}; it allows ${d.limit}. In this state it starts and stops no pods, and the node is NotReady.`,
    ruledOut: () => [],
    remedy: () => [
      {
        text: 'See whether the runtime answers, and which tasks are stuck.',
        commands: [
          'time crictl ps -a >/dev/null',
          'ps -eo pid,state,wchan:32,comm | awk \'$2 == "D"\'',
          'crictl ps -a -q --state Exited | wc -l',
        ],
      },
      {
        text: 'If it does not come back, restart it. Containers go on under containerd; under docker they stop unless live-restore is set.',
        commands: ['systemctl restart containerd'],
      },
    ],
    verify: () => [
      {
        text: 'The node is Ready, and no further line is logged.',
        commands: [
          'kubectl get nodes',
          'journalctl -u kubelet --since -10min | grep -c "PLEG is not healthy: pleg was last seen"',
        ],
      },
    ],
    reasons: { noJournal: 'No journal of a kubelet was captured.' },
    notes: { log: (count) => (count === '1' ? 'logged once' : `one of ${count} such lines`) },
  },
  zh: {
    name: 'kubelet 等不到容器运行时（PLEG is not healthy）',
    looksFor: 'kubelet 日志中的 “PLEG is not healthy: pleg was last seen active … ago”。',
    why: 'kubelet 每秒列出一次所有容器。如果运行时不响应或响应很慢，一轮超过三分钟，kubelet 就认为运行时已失效，停止处理 Pod。',
    consequences:
      '节点变为 NotReady，Pod 既不启动也不停止，五分钟后开始被驱逐。已运行的容器及其连接不受影响。',
    commonCauses: [
      '容器运行时卡住，例如挂载点无响应，或有无法杀死的任务。',
      '磁盘过慢或已满。',
      '存在数千个已退出的容器。',
      '节点 CPU 耗尽，例如出现软锁死（soft lockup）。',
    ],
    mimics: [
      '“pleg has yet to be successful”：每次启动都会出现，不计入。',
      '早于本次启动或超过一天的日志：置信度降一级。',
    ],
    cure: '找出运行时在等什么：D 状态的任务、磁盘、运行时自身的日志。重启运行时只能暂时缓解。',
    title: (d) => `${d.node} 的容器运行时有 ${d.age} 没有响应 kubelet`,
    summary: (d) =>
      `${d.node} 的 kubelet 共 ${formatCount(d.count)} 次记录容器运行时无响应，最长 ${d.age}，上限为 ${d.limit}。此时它不再启动或停止 Pod，节点处于 NotReady。`,
    ruledOut: () => [],
    remedy: () => [
      {
        text: '查看运行时是否响应，以及哪些任务卡住。',
        commands: [
          'time crictl ps -a >/dev/null',
          'ps -eo pid,state,wchan:32,comm | awk \'$2 == "D"\'',
          'crictl ps -a -q --state Exited | wc -l',
        ],
      },
      {
        text: '如果不能自行恢复，重启运行时。containerd 下容器会继续运行；docker 下若未设置 live-restore，容器会停止。',
        commands: ['systemctl restart containerd'],
      },
    ],
    verify: () => [
      {
        text: '节点恢复 Ready，且不再出现该日志。',
        commands: [
          'kubectl get nodes',
          'journalctl -u kubelet --since -10min | grep -c "PLEG is not healthy: pleg was last seen"',
        ],
      },
    ],
    reasons: { noJournal: '没有采集到 kubelet 的日志。' },
    notes: { log: (count) => (count === '1' ? '仅一条日志' : `共 ${count} 条此类日志之一`) },
  },
}
