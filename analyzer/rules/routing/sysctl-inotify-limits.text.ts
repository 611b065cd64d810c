import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { howOften } from '../../text/howOften.ts'

/** What was found: a limit of inotify that was reached, or one that is likely to be. */
export type InotifyLimit =
  | {
      readonly kind: 'reached'
      readonly node: string
      readonly limit: 'instances' | 'watches'
      /** Left out where it was not captured. */
      readonly value?: number
      /** So small that it explains the error by itself. */
      readonly isLow: boolean
      readonly logLines: number
    }
  | { readonly kind: 'default'; readonly node: string; readonly value: number; readonly containers: number }

type Reason = 'noKey'
type Note = 'log' | 'limit' | 'containers'

const key = (d: InotifyLimit): string =>
  d.kind === 'reached' && d.limit === 'watches'
    ? 'fs.inotify.max_user_watches'
    : 'fs.inotify.max_user_instances'

const raise = [
  'sysctl -w fs.inotify.max_user_instances=8192 fs.inotify.max_user_watches=524288',
  String.raw`printf 'fs.inotify.max_user_instances = 8192\nfs.inotify.max_user_watches = 524288\n' >/etc/sysctl.d/99-inotify.conf`,
]
const whoHolds = [
  `find /proc/[0-9]*/fd -lname anon_inode:inotify 2>/dev/null | cut -d/ -f3 | sort | uniq -c | sort -rn | head`,
]

/** The words of sysctl-inotify-limits. */
export const text: RuleTexts<InotifyLimit, Reason, Note> = {
  en: {
    name: 'The limits of inotify are too small for this node',
    looksFor:
      'Log lines of components that could not watch files (`inotify_init: too many open files`, `inotify_add_watch …: no space left on device`, `failed to create fsnotify watcher`), the limits of the kernel, and how many containers run.',
    why: 'kubelet, kube-proxy, CNI daemons and many programs in containers watch files with inotify. The limits are for each user, and as a rule all of them are root: 128 instances are few for a node. When they are used up, kubelet does not start, configuration is not reloaded, and `kubectl logs -f` fails.',
    consequences:
      'kubelet ends with “Failed to start cAdvisor”, pods that watch files crash with “too many open files”, followed logs stop at once; all while the disk has room and few files are open.',
    commonCauses: [
      'The kernel’s default of 128 instances on a node with many pods.',
      'A program that opens watches and never closes them.',
    ],
    mimics: [
      '“No space left on device” from a disk that is full: only lines that name inotify_add_watch count.',
      '“Too many open files” for want of file descriptors (ulimit): where the limit of inotify is high, the finding is only likely.',
    ],
    cure: 'Raise both limits (8,192 instances, 524,288 watches are usual on nodes; a watch takes about a kilobyte of kernel memory while it is used).',
    title: (d) =>
      d.kind === 'reached'
        ? `${d.node} has run out of inotify ${d.limit}`
        : `${d.node} has ${formatCount(d.containers)} containers and ${formatCount(d.value)} inotify instances`,
    summary(d) {
      if (d.kind === 'default') {
        return `fs.inotify.max_user_instances is ${formatCount(d.value)} on ${d.node}, the kernel’s default, and ${formatCount(d.containers)} containers run there. No log complains yet; kubelet may fail to start again once they are used up.`
      }
      const limit =
        d.value === undefined
          ? ''
          : ` ${key(d)} is ${formatCount(d.value)}${d.isLow ? '' : ', which is not little: something may leak them, or lack file descriptors'}.`
      return `Components of ${d.node} logged ${howOften(d.logLines)} that they could not watch files.${limit} What they watch is not seen to change; some do not start.`
    },
    ruledOut: (d) =>
      d.kind === 'reached' ? ['The failed call is named in the log: it is inotify, not a disk.'] : [],
    remedy: () => [
      { text: 'Raise the limits, and keep them.', commands: raise },
      { text: 'See who holds the instances.', commands: whoHolds },
    ],
    verify: (d) => [
      { text: 'The limit is raised, and no further lines are logged.', commands: [`sysctl ${key(d)}`] },
    ],
    reasons: { noKey: 'The captured settings do not show the limits of inotify.' },
    notes: {
      log: (count) => (count === '1' ? 'logged once' : `one of ${formatCount(Number(count))} such lines`),
      limit: () => 'the limit for each user',
      containers: (count) => `${formatCount(Number(count))} running containers in it`,
    },
  },
  zh: {
    name: 'inotify 上限对该节点来说太小',
    looksFor:
      '组件无法监视文件的日志（`inotify_init: too many open files`、`inotify_add_watch …: no space left on device`、`failed to create fsnotify watcher`）、内核中的上限，以及运行中的容器数量。',
    why: 'kubelet、kube-proxy、CNI 守护进程和许多容器内的程序都用 inotify 监视文件。上限按用户计算，而它们通常都是 root，128 个实例对节点来说很少。用完之后 kubelet 无法启动，配置不会重新加载，`kubectl logs -f` 失败。',
    consequences:
      'kubelet 报 “Failed to start cAdvisor” 退出，监视文件的 Pod 因 “too many open files” 崩溃，跟踪日志立即中断；而磁盘有空间，打开的文件也不多。',
    commonCauses: ['Pod 很多的节点仍使用内核默认的 128 个实例。', '某个程序不断创建监视而不释放。'],
    mimics: [
      '磁盘写满也会报 “no space left on device”：只统计写明 inotify_add_watch 的行。',
      '文件描述符不足（ulimit）也会报 “too many open files”：inotify 上限已经较大时，只判为很可能。',
    ],
    cure: '提高两个上限（节点上常用 8192 个实例、524288 个监视；每个使用中的监视约占 1 KiB 内核内存）。',
    title: (d) =>
      d.kind === 'reached'
        ? `${d.node} 的 inotify ${d.limit === 'watches' ? '监视数' : '实例数'}已用完`
        : `${d.node} 运行 ${formatCount(d.containers)} 个容器，inotify 实例上限只有 ${formatCount(d.value)}`,
    summary(d) {
      if (d.kind === 'default') {
        return `${d.node} 的 fs.inotify.max_user_instances 为 ${formatCount(d.value)}（内核默认值），节点上运行着 ${formatCount(d.containers)} 个容器。目前没有日志报错，但用完后 kubelet 可能无法再次启动。`
      }
      const limit =
        d.value === undefined
          ? ''
          : `${key(d)} 为 ${formatCount(d.value)}${d.isLow ? '' : '，并不算小：可能有程序泄漏，或文件描述符不足'}。`
      return `${d.node} 的组件共 ${formatCount(d.logLines)} 次在日志中报告无法监视文件。${limit}被监视的文件发生变化时不会被发现，有些组件无法启动。`
    },
    ruledOut: (d) => (d.kind === 'reached' ? ['日志写明了失败的调用是 inotify，而不是磁盘。'] : []),
    remedy: () => [
      { text: '提高上限并持久化。', commands: raise },
      { text: '查看是谁占用了实例。', commands: whoHolds },
    ],
    verify: (d) => [{ text: '上限已提高，不再出现新的日志。', commands: [`sysctl ${key(d)}`] }],
    reasons: { noKey: '采集到的内核参数中没有 inotify 上限。' },
    notes: {
      log: (count) => (count === '1' ? '出现 1 次' : `共 ${formatCount(Number(count))} 行，此为其一`),
      limit: () => '每个用户的上限',
      containers: (count) => `其中有 ${formatCount(Number(count))} 个运行中的容器`,
    },
  },
}
