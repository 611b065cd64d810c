import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { howOften } from '../../text/howOften.ts'

/** What was found: a processor that did nothing else for seconds. */
export interface KernelSoftlockup {
  readonly node: string
  readonly count: number
  /** The longest that is still in the log; left out where only stalls of RCU are logged. */
  readonly seconds?: number
  /** What ran on it: `ksoftirqd/0`. */
  readonly task?: string
}

type Reason = never
type Note = 'log'

/** The words of kernel-softlockup. */
export const text: RuleTexts<KernelSoftlockup, Reason, Note> = {
  en: {
    name: 'A processor was stuck in the kernel (soft lockup)',
    looksFor:
      '“BUG: soft lockup - CPU#… stuck for …s!” and stalls of RCU (“self-detected stall on CPU”) in the kernel log.',
    why: 'The kernel’s watchdog found that one processor ran one piece of kernel code for more than twenty seconds, without letting anything else run. On nodes of Kubernetes that is a packet that walks through very many iptables rules, or a virtual machine that its host does not let run.',
    consequences:
      'Everything bound to this processor waits: packets are delayed by seconds, probes and leases run out, the node flips between Ready and NotReady.',
    commonCauses: [
      'Very many iptables rules (ksoftirqd at 100 %).',
      'A hypervisor that is overcommitted, a snapshot, or a live migration.',
      'A driver or a disk that does not answer.',
    ],
    mimics: [
      'A virtual machine that was paused: one burst on all processors at the same time, with everything in order afterwards.',
      'Lines of an earlier boot, or more than a day old: they count one step less.',
    ],
    cure: 'See what was running on the processor. For ksoftirqd look at the rules first; for anything on a virtual machine at its stolen time.',
    title: (d) =>
      d.seconds === undefined
        ? `The kernel of ${d.node} reports stalls`
        : `A processor of ${d.node} was stuck for ${d.seconds} seconds`,
    summary: (d) =>
      `The kernel of ${d.node} logged ${howOften(d.count)} that a processor was stuck${d.seconds === undefined ? '' : `, for up to ${d.seconds} seconds${d.task === undefined ? '' : ` in ${d.task}`}`}. Packets and heartbeats that wait for it are late.`,
    ruledOut: () => [],
    remedy: () => [
      {
        text: 'See what the processors do, and whether their time is stolen by the hypervisor (column st).',
        commands: ['top -b -n 1 -1 | head -n 20', 'vmstat 1 5', 'iptables-save | wc -l'],
      },
    ],
    verify: () => [
      {
        text: 'The kernel logs no further stall.',
        commands: ['dmesg -T | grep -E "soft lockup|stall" | tail -n 3'],
      },
    ],
    reasons: {},
    notes: { log: (count) => (count === '1' ? 'logged once' : `one of ${count} such lines`) },
  },
  zh: {
    name: 'CPU 卡在内核中（soft lockup）',
    looksFor:
      '内核日志中的 “BUG: soft lockup - CPU#… stuck for …s!” 和 RCU stall（“self-detected stall on CPU”）。',
    why: '内核 watchdog 发现某个 CPU 连续二十多秒只执行同一段内核代码，其他任务都得不到运行。在 Kubernetes 节点上，常见原因是报文要遍历极多的 iptables 规则，或虚拟机得不到宿主机调度。',
    consequences:
      '绑定在该 CPU 上的一切都在等待：报文延迟数秒，探针和租约超时，节点在 Ready 与 NotReady 之间反复。',
    commonCauses: [
      'iptables 规则过多（ksoftirqd 占满 CPU）。',
      '虚拟化平台超卖、做快照或热迁移。',
      '驱动或磁盘无响应。',
    ],
    mimics: [
      '虚拟机被暂停过：所有 CPU 同一时刻各报一次，之后一切正常。',
      '早于本次启动或超过一天的日志：置信度降一级。',
    ],
    cure: '先看当时该 CPU 在运行什么：ksoftirqd 先查规则数量；虚拟机先查 steal 时间。',
    title: (d) =>
      d.seconds === undefined ? `${d.node} 的内核报告 RCU stall` : `${d.node} 有 CPU 卡住 ${d.seconds} 秒`,
    summary: (d) =>
      `${d.node} 的内核共 ${formatCount(d.count)} 次记录 CPU 卡住${d.seconds === undefined ? '' : `，最长 ${d.seconds} 秒${d.task === undefined ? '' : `（${d.task}）`}`}。等待该 CPU 的报文和心跳都会延迟。`,
    ruledOut: () => [],
    remedy: () => [
      {
        text: '查看各 CPU 在做什么，以及时间是否被虚拟化平台占用（st 列）。',
        commands: ['top -b -n 1 -1 | head -n 20', 'vmstat 1 5', 'iptables-save | wc -l'],
      },
    ],
    verify: () => [
      { text: '内核不再记录新的 stall。', commands: ['dmesg -T | grep -E "soft lockup|stall" | tail -n 3'] },
    ],
    reasons: {},
    notes: { log: (count) => (count === '1' ? '仅一条日志' : `共 ${count} 条此类日志之一`) },
  },
}
