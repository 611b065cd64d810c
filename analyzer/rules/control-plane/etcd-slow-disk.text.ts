import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'

/** What was found: a disk that is too slow for etcd. */
export interface SlowDisk {
  readonly node: string
  /** 99th percentile of the syncs of the slowest fio job, in microseconds; left out where none is too slow. */
  readonly p99Usec?: number
  readonly job?: string
  /** The slowest 99th percentile of a fio run that is fast enough. */
  readonly passed?: number
  /** Log lines: syncs of more than a second, late heartbeats, slow requests. */
  readonly syncs: number
  readonly heartbeats: number
  readonly applies: number
}

type Reason = 'noFio' | 'noSyncTimes'

/** What there is to see in a line. */
export type Note = 'fio' | 'logged'

const milliseconds = (usec: number): string => `${(usec / 1000).toFixed(usec < 100_000 ? 3 : 0)} ms`

const FIO = [
  'fio --rw=write --ioengine=sync --fdatasync=1 --directory=/var/lib/etcd --size=22m --bs=2300 --name=etcd-wal; rm /var/lib/etcd/etcd-wal.*',
]

function isSyncSlow({ p99Usec, syncs }: SlowDisk): boolean {
  return p99Usec !== undefined || syncs > 0
}

function logged(d: SlowDisk): readonly string[] {
  return [
    ...(d.syncs > 0 ? [`${formatCount(d.syncs)} syncs of more than a second`] : []),
    ...(d.heartbeats > 0 ? [`${formatCount(d.heartbeats)} heartbeats that went out late`] : []),
    ...(d.applies > 0 ? [`${formatCount(d.applies)} requests that took more than 100 ms`] : []),
  ]
}

function loggedZh(d: SlowDisk): readonly string[] {
  return [
    ...(d.syncs > 0 ? [`${formatCount(d.syncs)} 次超过 1 秒的落盘`] : []),
    ...(d.heartbeats > 0 ? [`${formatCount(d.heartbeats)} 次心跳发送超时`] : []),
    ...(d.applies > 0 ? [`${formatCount(d.applies)} 个耗时超过 100 ms 的请求`] : []),
  ]
}

/** The words of etcd-slow-disk. */
export const text: RuleTexts<SlowDisk, Reason, Note> = {
  en: {
    name: 'The disk is too slow for etcd',
    looksFor:
      'The 99th percentile of fsync/fdatasync in a fio run that an operator added (`extra/fio.txt`), against etcd’s limit of 10 ms; and etcd’s own lines: `slow fdatasync` or `sync duration of … expected less than 1s`, heartbeats that went out late (more than 10 an hour), requests that took too long (more than 30 an hour).',
    why: 'etcd confirms a write only once it lies on the disk of a majority. While the disk is busy, the leader sends no heartbeats; after a second without one the others elect another leader, and every request waits.',
    consequences:
      '`etcdserver: request timed out`, `etcdserver: leader changed`, a slow `kubectl`, leases that are not renewed in time, nodes that flap between Ready and NotReady.',
    commonCauses: [
      'A spinning disk, or network storage, under etcd’s data.',
      'A disk shared with image pulls, logs or other virtual machines.',
      'A cloud disk whose throughput is limited.',
    ],
    mimics: [
      'A few slow requests are large ones (all events, all leases): they count from 30 an hour.',
      'Late heartbeats alone may be a lack of CPU, or peers that are gone: possible only.',
      'No line `slow fdatasync` proves nothing: etcd writes it from one second on, a hundred times the limit.',
      'A fio run on another disk than etcd’s, or on a busy machine: without etcd’s own words it is likely, not certain.',
    ],
    cure: 'Give etcd’s data a disk of its own with low latency (a local SSD or NVMe), and keep other load away from it.',
    title: (d) =>
      d.p99Usec === undefined
        ? `etcd on ${d.node} logs that its disk is slow`
        : `The disk of ${d.node} is too slow for etcd: 99 % of syncs within ${milliseconds(d.p99Usec)}, not 10 ms`,
    summary(d) {
      const run =
        d.p99Usec === undefined
          ? ''
          : `In the fio run${d.job === undefined || d.job === '' ? '' : ` “${d.job}”`} the 99th percentile of the syncs is ${milliseconds(d.p99Usec)}; etcd wants less than 10 ms. `
      const words = logged(d)
      const log = words.length === 0 ? '' : `Logs of ${d.node} tell of ${joinWords(words)}. `
      const passed =
        d.passed === undefined
          ? ''
          : `A fio run was within ${milliseconds(d.passed)}: on another disk, or at a quieter time. `
      return `${run}${log}${passed}${isSyncSlow(d) ? 'While a sync takes that long, etcd confirms no write, and its leader may be voted out.' : 'Usually the disk is behind it; a lack of CPU shows in the same way.'}`
    },
    ruledOut: () => [],
    remedy: () => [
      { text: 'Measure at the place where etcd writes, at a busy time.', commands: FIO },
      { text: 'See what else writes to that disk.', commands: ['iostat -x 1 10', 'pidstat -d 1 10'] },
      {
        text: 'Move etcd’s data folder to a local SSD of its own, one member after the other.',
        commands: [],
      },
    ],
    verify: () => [{ text: 'The 99th percentile of the syncs is below 10,000 usec.', commands: FIO }],
    reasons: {
      noFio:
        'No fio run was added to the bundle, and etcd itself logs only what takes more than a second: that it does not is no proof.',
      noSyncTimes:
        'The fio run has no times of fsync or fdatasync: run it with --fdatasync=1, and with fio 3.5 or later.',
    },
    notes: {
      fio: (usec) => `99 % within ${milliseconds(Number(usec))}; etcd wants 10 ms`,
      logged: () => 'etcd’s own words',
    },
  },
  zh: {
    name: '磁盘对 etcd 来说太慢',
    looksFor:
      '运维人员放入的 fio 结果（`extra/fio.txt`）中 fsync/fdatasync 的第 99 百分位，与 etcd 的上限 10 ms 比较；以及 etcd 自身的日志：`slow fdatasync` 或 `sync duration of … expected less than 1s`、心跳发送超时（每小时超过 10 次）、请求耗时过长（每小时超过 30 次）。',
    why: 'etcd 只有在多数成员落盘后才确认写入。磁盘繁忙时，leader 发不出心跳；其他成员一秒内收不到心跳就会重新选举，所有请求都要等待。',
    consequences:
      '出现 `etcdserver: request timed out`、`etcdserver: leader changed`，`kubectl` 变慢，租约不能按时续期，节点在 Ready 与 NotReady 之间反复。',
    commonCauses: [
      'etcd 数据放在机械盘或网络存储上。',
      '磁盘与镜像拉取、日志或其他虚拟机共用。',
      '云盘的吞吐被限速。',
    ],
    mimics: [
      '少量慢请求往往是大请求（列出全部 events、leases）：每小时超过 30 次才计入。',
      '只有心跳超时也可能是 CPU 不足或对端离线：仅判为可能。',
      '没有 `slow fdatasync` 并不说明正常：etcd 从 1 秒起才打印，是上限的一百倍。',
      'fio 测的可能不是 etcd 所在的磁盘，或当时机器繁忙：没有 etcd 日志佐证时只判为很可能。',
    ],
    cure: '为 etcd 数据提供独立的低延迟磁盘（本地 SSD 或 NVMe），并避免其他负载。',
    title: (d) =>
      d.p99Usec === undefined
        ? `${d.node} 上的 etcd 日志显示磁盘过慢`
        : `${d.node} 的磁盘对 etcd 太慢：99% 的落盘耗时达 ${milliseconds(d.p99Usec)}，应低于 10 ms`,
    summary(d) {
      const run =
        d.p99Usec === undefined
          ? ''
          : `fio 测试${d.job === undefined || d.job === '' ? '' : ` “${d.job}” `}中落盘耗时的第 99 百分位为 ${milliseconds(d.p99Usec)}，etcd 要求低于 10 ms。`
      const words = loggedZh(d)
      const log = words.length === 0 ? '' : `${d.node} 的日志中有${joinChinese(words)}。`
      const passed =
        d.passed === undefined
          ? ''
          : `fio 测试在 ${milliseconds(d.passed)} 以内：可能测的是另一块盘，或当时较空闲。`
      return `${run}${log}${passed}${isSyncSlow(d) ? '落盘如此之慢时，etcd 无法确认写入，leader 可能被重新选举。' : '原因通常是磁盘；CPU 不足也有同样的表现。'}`
    },
    ruledOut: () => [],
    remedy: () => [
      { text: '在业务繁忙时，对 etcd 写入的位置进行测试。', commands: FIO },
      { text: '查看还有哪些进程在写这块盘。', commands: ['iostat -x 1 10', 'pidstat -d 1 10'] },
      { text: '逐个成员把 etcd 数据目录迁移到独立的本地 SSD。', commands: [] },
    ],
    verify: () => [{ text: '落盘耗时的第 99 百分位低于 10,000 usec。', commands: FIO }],
    reasons: {
      noFio: '没有放入 fio 结果；etcd 只记录超过一秒的落盘，日志中没有并不能说明磁盘够快。',
      noSyncTimes: 'fio 结果中没有 fsync/fdatasync 耗时：请使用 fio 3.5 及以上版本，并加上 --fdatasync=1。',
    },
    notes: {
      fio: (usec) => `99% 在 ${milliseconds(Number(usec))} 以内；etcd 要求 10 ms`,
      logged: () => 'etcd 自己的日志',
    },
  },
}
