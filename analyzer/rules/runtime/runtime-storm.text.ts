import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'

/** One kind of failure that comes again and again. */
export interface RuntimeFailure {
  readonly kind: 'restarts' | 'name-reserved' | 'task-failed' | 'open-files'
  readonly count: number
  readonly perHour: number
}

/** What was found: a container runtime that fails all the time. */
export interface RuntimeStorm {
  readonly node: string
  /** The most frequent first. */
  readonly failures: readonly RuntimeFailure[]
}

const KINDS_EN: Readonly<Record<RuntimeFailure['kind'], string>> = {
  restarts: 'restarts of the runtime or kubelet by systemd',
  'name-reserved': 'names of sandboxes or containers that are still taken',
  'task-failed': 'containers that could not be made or started',
  'open-files': 'refusals because too many files are open',
}

const KINDS_ZH: Readonly<Record<RuntimeFailure['kind'], string>> = {
  restarts: 'systemd 重启运行时或 kubelet',
  'name-reserved': 'sandbox 或容器名称仍被占用',
  'task-failed': '容器创建或启动失败',
  'open-files': '打开的文件过多',
}

type Reason = 'noJournal'
type Note = 'log'

/** The words of runtime-storm. */
export const text: RuleTexts<RuntimeStorm, Reason, Note> = {
  en: {
    name: 'The container runtime fails again and again',
    looksFor:
      'In the journals of runtimes and kubelets: restarts by systemd, “failed to reserve sandbox name … is reserved for”, “failed to create (or start) containerd task”, “too many open files”, by their rate.',
    why: 'A runtime that is overloaded, out of files or restarting does not finish what the kubelet asks for; the kubelet asks again, and so adds to the load.',
    consequences:
      'Pods stay in ContainerCreating or CrashLoopBackOff, and each attempt takes and leaves addresses, devices and mounts.',
    commonCauses: [
      'A disk that is too slow for the number of starts.',
      'A limit of open files (LimitNOFILE, fs.file-max, fs.inotify).',
      'A broken image or command, started over and over.',
      'A runtime that crashes.',
    ],
    mimics: [
      '“shim disconnected” is logged for every container that ends in order, and is not counted.',
      'Few failures: up to 50 an hour, and up to 3 restarts, may belong to a rollout.',
      'Lines of an earlier boot, or more than a day old, are not counted.',
    ],
    cure: 'Look at the text of the failures: it names what is missing. Then at the disk and the limits.',
    title: (d) =>
      `The container runtime of ${d.node} fails ${formatCount(d.failures[0]?.perHour ?? 0)} times an hour`,
    summary: (d) =>
      `On ${d.node}: ${d.failures.map(({ kind, count, perHour }) => `${formatCount(count)} ${KINDS_EN[kind]} (${formatCount(perHour)} an hour)`).join('; ')}. Pods start late or not at all.`,
    ruledOut: () => [],
    remedy: () => [
      {
        text: 'See what fails, and what the runtime is short of.',
        commands: [
          'journalctl -u containerd -u k3s -u docker --since -1h | grep -i -E "failed|error" | tail -n 20',
          'ls /proc/$(pidof -s containerd)/fd | wc -l',
          'iostat -x 1 3',
        ],
      },
    ],
    verify: () => [
      {
        text: 'The rate goes down.',
        commands: ['journalctl -u containerd -u k3s -u docker --since -10min | grep -c -i failed'],
      },
    ],
    reasons: { noJournal: 'No journal of a container runtime was captured.' },
    notes: { log: (count) => (count === '1' ? 'logged once' : `one of ${count} such lines`) },
  },
  zh: {
    name: '容器运行时反复失败',
    looksFor:
      '运行时和 kubelet 日志中的：systemd 重启、“failed to reserve sandbox name … is reserved for”、“failed to create（或 start）containerd task”、“too many open files”，按频率判断。',
    why: '运行时过载、文件句柄耗尽或反复重启时，无法完成 kubelet 的请求；kubelet 不断重试，负载进一步升高。',
    consequences:
      'Pod 停在 ContainerCreating 或 CrashLoopBackOff，每次尝试都会占用并遗留地址、设备和挂载点。',
    commonCauses: [
      '磁盘跟不上容器启动的数量。',
      '打开文件数限制（LimitNOFILE、fs.file-max、fs.inotify）。',
      '镜像或启动命令有误，反复启动。',
      '运行时崩溃。',
    ],
    mimics: [
      '“shim disconnected” 在每个容器正常退出时都会出现，不计入。',
      '少量失败：每小时 50 次以内、重启 3 次以内，可能只是发布过程。',
      '早于本次启动或超过一天的日志不计入。',
    ],
    cure: '先看失败信息本身，它会指出缺少什么；再检查磁盘和各项限制。',
    title: (d) => `${d.node} 的容器运行时每小时失败 ${formatCount(d.failures[0]?.perHour ?? 0)} 次`,
    summary: (d) =>
      `${d.node}：${d.failures.map(({ kind, count, perHour }) => `${KINDS_ZH[kind]} ${formatCount(count)} 次（每小时 ${formatCount(perHour)} 次）`).join('；')}。Pod 启动缓慢或无法启动。`,
    ruledOut: () => [],
    remedy: () => [
      {
        text: '查看失败内容以及运行时缺少什么。',
        commands: [
          'journalctl -u containerd -u k3s -u docker --since -1h | grep -i -E "failed|error" | tail -n 20',
          'ls /proc/$(pidof -s containerd)/fd | wc -l',
          'iostat -x 1 3',
        ],
      },
    ],
    verify: () => [
      {
        text: '失败频率下降。',
        commands: ['journalctl -u containerd -u k3s -u docker --since -10min | grep -c -i failed'],
      },
    ],
    reasons: { noJournal: '没有采集到容器运行时的日志。' },
    notes: { log: (count) => (count === '1' ? '仅一条日志' : `共 ${count} 条此类日志之一`) },
  },
}
