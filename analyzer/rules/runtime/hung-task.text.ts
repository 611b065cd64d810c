import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { howOften } from '../../text/howOften.ts'

/** What was found: tasks that nothing woke up. */
export interface HungTask {
  readonly node: string
  readonly count: number
  /** Their names, each once. */
  readonly tasks: readonly string[]
}

type Reason = never
type Note = 'log'

/** The words of hung-task. */
export const text: RuleTexts<HungTask, Reason, Note> = {
  en: {
    name: 'Tasks hang in the kernel',
    looksFor: '“INFO: task … blocked for more than … seconds” in the kernel log.',
    why: 'A task in uninterruptible sleep waits for a disk, a network file system or a lock inside the kernel. It cannot be killed, and who waits for it hangs as well.',
    consequences:
      'A container that cannot be stopped, a runtime that no longer answers, mounts that hang; the kubelet reports PLEG as not healthy.',
    commonCauses: [
      'A disk or a storage network that does not answer.',
      'An NFS or Ceph server that is gone.',
      'A lock in the kernel, as of network namespaces on old kernels.',
    ],
    mimics: [
      'One single line under heavy writing: the disk was slow, and went on. It counts as medium.',
      'Lines of an earlier boot, or more than a day old: they count one step less.',
    ],
    cure: 'See what the tasks wait for: the stack below the message, the disk, the mounts.',
    title: (d) => `${d.tasks[0] ?? 'A task'} on ${d.node} hung in the kernel`,
    summary: (d) =>
      `The kernel of ${d.node} logged ${howOften(d.count)} that a task was blocked for minutes: ${d.tasks.join(', ')}. What waits for such a task, as the container runtime for a mount, hangs with it.`,
    ruledOut: () => [],
    remedy: () => [
      {
        text: 'See which tasks are stuck now, and on what.',
        commands: [
          'ps -eo pid,state,wchan:32,comm | awk \'$2 == "D"\'',
          'dmesg -T | grep -A 20 "blocked for more than" | tail -n 40',
          'iostat -x 1 3',
        ],
      },
    ],
    verify: () => [{ text: 'No task is in state D for long.', commands: ['ps -eo state,comm | grep -c ^D'] }],
    reasons: {},
    notes: { log: (count) => (count === '1' ? 'logged once' : `one of ${count} such lines`) },
  },
  zh: {
    name: '任务在内核中挂起（hung task）',
    looksFor: '内核日志中的 “INFO: task … blocked for more than … seconds”。',
    why: '处于不可中断睡眠（D 状态）的任务在等待磁盘、网络文件系统或内核锁。它无法被杀死，等待它的任务也会卡住。',
    consequences: '容器停不下来，运行时不再响应，挂载点卡死；kubelet 会报告 PLEG is not healthy。',
    commonCauses: [
      '磁盘或存储网络无响应。',
      'NFS 或 Ceph 服务端失联。',
      '内核锁，例如旧内核上的网络命名空间锁。',
    ],
    mimics: [
      '大量写入时的单独一条：磁盘只是变慢，随后恢复，按中等级别处理。',
      '早于本次启动或超过一天的日志：置信度降一级。',
    ],
    cure: '查看这些任务在等什么：消息下方的调用栈、磁盘、挂载点。',
    title: (d) => `${d.node} 上的 ${d.tasks[0] ?? '任务'} 在内核中挂起`,
    summary: (d) =>
      `${d.node} 的内核共 ${formatCount(d.count)} 次记录任务阻塞数分钟：${d.tasks.join('、')}。等待这些任务的程序（例如等待挂载的容器运行时）也会卡住。`,
    ruledOut: () => [],
    remedy: () => [
      {
        text: '查看当前哪些任务卡住、卡在哪里。',
        commands: [
          'ps -eo pid,state,wchan:32,comm | awk \'$2 == "D"\'',
          'dmesg -T | grep -A 20 "blocked for more than" | tail -n 40',
          'iostat -x 1 3',
        ],
      },
    ],
    verify: () => [{ text: '没有任务长时间处于 D 状态。', commands: ['ps -eo state,comm | grep -c ^D'] }],
    reasons: {},
    notes: { log: (count) => (count === '1' ? '仅一条日志' : `共 ${count} 条此类日志之一`) },
  },
}
