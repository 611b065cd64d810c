import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { howOften } from '../../text/howOften.ts'

/** What was found: the kernel ended processes because memory ran out. */
export interface OomKill {
  readonly node: string
  /** `node`: of the whole machine; `pod`: of a container’s own limit. */
  readonly scope: 'node' | 'pod'
  readonly count: number
  /** Names of what was ended, each once, as the kernel cuts them: 15 characters. */
  readonly tasks: readonly string[]
  /** Those of them that the node itself needs. */
  readonly components: readonly string[]
}

type Reason = never
type Note = 'log'

/** The words of oom-kill. */
export const text: RuleTexts<OomKill, Reason, Note> = {
  en: {
    name: 'The kernel ended processes because memory ran out',
    looksFor:
      '“Out of memory: Killed process …” and “Memory cgroup out of memory: Killed process …” in the kernel log.',
    why: 'Where the memory of the whole node runs out, the kernel ends what costs most, be it a component of the node. Where a container reaches its own limit, only that container suffers.',
    consequences:
      'A kubelet, runtime, etcd or CNI agent that was ended takes its function along until it is back: NotReady, leader changes, pods without network. A container at its limit restarts, with exit code 137.',
    commonCauses: [
      'Pods without memory limits on a node that reserves nothing for the system.',
      'A limit that is too small for the program.',
      'A leak.',
    ],
    mimics: [
      'A container’s own limit (“Memory cgroup out of memory”) says nothing of the node: it is told apart, as medium.',
      'Lines of an earlier boot, or more than a day old: they count one step less.',
    ],
    cure: 'For the node: reserve memory for the system and kubelet, give pods requests and limits. For a container: raise its limit, or find its leak.',
    title: (d) =>
      d.scope === 'pod'
        ? `Containers on ${d.node} reached their memory limits`
        : d.components.length > 0
          ? `Memory of ${d.node} ran out, and ${d.components[0]} was killed`
          : `Memory of ${d.node} ran out`,
    summary: (d) =>
      d.scope === 'pod'
        ? `The kernel of ${d.node} ended ${howOften(d.count)} a process of a container that was at its own memory limit: ${d.tasks.join(', ')}. The node as a whole was not short of memory for that.`
        : `The memory of the whole node ran out on ${d.node}; the kernel ended ${howOften(d.count)} a process: ${d.tasks.join(', ')}.${d.components.length > 0 ? ` ${d.components.join(', ')} belongs to the node itself: while it was gone, what it does was not done.` : ''}`,
    ruledOut: () => [],
    remedy: (d) =>
      d.scope === 'pod'
        ? [
            {
              text: 'See which containers it is, and give them more.',
              commands: ['kubectl get pods -A -o wide | grep -i oom', 'crictl stats'],
            },
          ]
        : [
            {
              text: 'See who takes the memory, and reserve some for the node (kubelet: systemReserved, kubeReserved).',
              commands: ['ps -eo rss,comm --sort=-rss | head', 'kubectl describe node | grep -A 8 Allocated'],
            },
          ],
    verify: () => [
      { text: 'The kernel ends nothing more.', commands: ['dmesg -T | grep -i "out of memory" | tail -n 3'] },
    ],
    reasons: {},
    notes: { log: (count) => (count === '1' ? 'logged once' : `one of ${count} such lines`) },
  },
  zh: {
    name: '内存耗尽，内核杀死了进程（OOM）',
    looksFor:
      '内核日志中的 “Out of memory: Killed process …” 和 “Memory cgroup out of memory: Killed process …”。',
    why: '整个节点内存耗尽时，内核会杀死占用最多的进程，哪怕它是节点组件。容器达到自身限制时，只影响该容器。',
    consequences:
      'kubelet、运行时、etcd 或 CNI 代理被杀后，在恢复之前其功能中断：NotReady、leader 切换、Pod 无网络。达到限制的容器会重启，退出码 137。',
    commonCauses: ['Pod 没有内存限制，节点也没有为系统预留内存。', '限制低于程序所需。', '内存泄漏。'],
    mimics: [
      '容器自身的限制（“Memory cgroup out of memory”）不代表节点内存不足：单独报告，按中等级别处理。',
      '早于本次启动或超过一天的日志：置信度降一级。',
    ],
    cure: '节点：为系统和 kubelet 预留内存，为 Pod 设置 requests 和 limits。容器：提高限制或排查泄漏。',
    title: (d) =>
      d.scope === 'pod'
        ? `${d.node} 上有容器达到内存限制`
        : d.components.length > 0
          ? `${d.node} 内存耗尽，${d.components[0]} 被杀死`
          : `${d.node} 内存耗尽`,
    summary: (d) =>
      d.scope === 'pod'
        ? `${d.node} 的内核共 ${formatCount(d.count)} 次杀死达到自身内存限制的容器进程：${d.tasks.join('、')}。这不代表节点内存不足。`
        : `${d.node} 整机内存耗尽，内核共 ${formatCount(d.count)} 次杀死进程：${d.tasks.join('、')}。${d.components.length > 0 ? `其中 ${d.components.join('、')} 是节点组件，恢复之前其功能中断。` : ''}`,
    ruledOut: () => [],
    remedy: (d) =>
      d.scope === 'pod'
        ? [
            {
              text: '找出是哪些容器，提高其限制。',
              commands: ['kubectl get pods -A -o wide | grep -i oom', 'crictl stats'],
            },
          ]
        : [
            {
              text: '查看谁占用内存，并为节点预留（kubelet：systemReserved、kubeReserved）。',
              commands: ['ps -eo rss,comm --sort=-rss | head', 'kubectl describe node | grep -A 8 Allocated'],
            },
          ],
    verify: () => [
      { text: '内核不再杀死进程。', commands: ['dmesg -T | grep -i "out of memory" | tail -n 3'] },
    ],
    reasons: {},
    notes: { log: (count) => (count === '1' ? '仅一条日志' : `共 ${count} 条此类日志之一`) },
  },
}
