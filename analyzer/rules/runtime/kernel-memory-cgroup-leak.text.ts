import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { howOften } from '../../text/howOften.ts'

/** What was found: the kernel runs out of memory cgroups or of their slabs. */
export interface KernelMemoryCgroupLeak {
  readonly node: string
  readonly count: number
  /** Of the running kernel; left out where it was not captured. */
  readonly release?: string
  /** A memory cgroup could not be made. */
  readonly isRefused: boolean
}

type Reason = 'noLogs'
type Note = 'log' | 'kernel'

/** The words of kernel-memory-cgroup-leak. */
export const text: RuleTexts<KernelMemoryCgroupLeak, Reason, Note> = {
  en: {
    name: 'The kernel leaks memory cgroups',
    looksFor:
      '“SLUB: Unable to allocate memory” in the kernel log, and “cannot allocate memory” when a memory cgroup is made, against the kernel’s version.',
    why: 'On kernels before 4.0, as CentOS 7’s 3.10, a memory cgroup whose kernel memory was accounted is never given back. Each pod costs some; after 65,535 no further one can be made, although memory is free.',
    consequences:
      'New pods fail with “cannot allocate memory” while those that run go on. Only a reboot ends it.',
    commonCauses: [
      'CentOS 7 or RHEL 7 before kernel 3.10.0-1075 with a kubelet or runc that accounts kernel memory.',
    ],
    mimics: [
      'The same words on a newer kernel: then memory is short in fact. It counts as possible.',
      'Lines of an earlier boot, or more than a day old: they count one step less.',
    ],
    cure: 'Reboot; then boot with cgroup.memory=nokmem, or use a newer kernel.',
    title: (d) =>
      d.isRefused
        ? `${d.node} can make no further memory cgroups`
        : `The kernel of ${d.node} cannot allocate slabs`,
    summary: (d) =>
      `${d.node} logged ${howOften(d.count)} that ${d.isRefused ? 'a memory cgroup could not be made' : 'the kernel’s slab allocator found no memory'}${d.release === undefined ? '' : `; its kernel is ${d.release}`}. New pods fail to start.`,
    ruledOut: () => [],
    remedy: () => [
      {
        text: 'Count the memory cgroups: near 65,535 none is left.',
        commands: ['grep memory /proc/cgroups'],
      },
      {
        text: 'Boot without accounting of kernel memory.',
        commands: ['grubby --update-kernel=ALL --args=cgroup.memory=nokmem', 'reboot'],
      },
    ],
    verify: () => [
      { text: 'The number stays low, and pods start.', commands: ['grep memory /proc/cgroups'] },
    ],
    reasons: { noLogs: 'Neither a kernel log nor a journal of a kubelet or runtime was captured.' },
    notes: {
      log: (count) => (count === '1' ? 'logged once' : `one of ${count} such lines`),
      kernel: () => 'the kernel',
    },
  },
  zh: {
    name: '内核泄漏 memory cgroup',
    looksFor:
      '内核日志中的 “SLUB: Unable to allocate memory”，以及创建 memory cgroup 时的 “cannot allocate memory”，并对照内核版本。',
    why: '在 4.0 之前的内核（如 CentOS 7 的 3.10）上，开启内核内存统计的 memory cgroup 永远不会释放。每个 Pod 都会消耗一些，达到 65,535 后即使内存充足也无法再创建。',
    consequences: '新 Pod 启动失败并报 “cannot allocate memory”，已运行的不受影响。只有重启才能结束。',
    commonCauses: ['内核低于 3.10.0-1075 的 CentOS 7 或 RHEL 7，且 kubelet 或 runc 开启了内核内存统计。'],
    mimics: [
      '新内核上出现同样的日志：此时是真的内存不足，按 possible 处理。',
      '早于本次启动或超过一天的日志：置信度降一级。',
    ],
    cure: '重启节点；之后用 cgroup.memory=nokmem 启动，或升级内核。',
    title: (d) => (d.isRefused ? `${d.node} 无法再创建 memory cgroup` : `${d.node} 的内核无法分配 slab`),
    summary: (d) =>
      `${d.node} 共 ${formatCount(d.count)} 次记录${d.isRefused ? 'memory cgroup 创建失败' : '内核 slab 分配失败'}${d.release === undefined ? '' : `，内核版本为 ${d.release}`}。新 Pod 无法启动。`,
    ruledOut: () => [],
    remedy: () => [
      { text: '统计 memory cgroup 的数量：接近 65,535 就用尽了。', commands: ['grep memory /proc/cgroups'] },
      {
        text: '关闭内核内存统计后启动。',
        commands: ['grubby --update-kernel=ALL --args=cgroup.memory=nokmem', 'reboot'],
      },
    ],
    verify: () => [{ text: '数量保持较低，Pod 能启动。', commands: ['grep memory /proc/cgroups'] }],
    reasons: { noLogs: '没有采集到内核日志，也没有 kubelet 或运行时的日志。' },
    notes: {
      log: (count) => (count === '1' ? '仅一条日志' : `共 ${count} 条此类日志之一`),
      kernel: () => '内核版本',
    },
  },
}
