import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'

/** What was found: connections that could not be entered into the table. */
export interface InsertRace {
  readonly node: string
  readonly failed: number
  /** Clashes that the kernel resolved by itself. */
  readonly resolved: number
  /** The kernel is older than 5.0, and does not resolve such clashes. */
  readonly isOld: boolean
  /** Left out where it was not captured. */
  readonly release?: string
}

type Reason = 'noCounter'
type Note = 'failed' | 'kernel' | 'option'

const WATCH = ['conntrack -S', 'sleep 60; conntrack -S']

/** The words of conntrack-insert-failed-dns-race. */
export const text: RuleTexts<InsertRace, Reason, Note> = {
  en: {
    name: 'Connections are lost when they are entered into the table (DNS race)',
    looksFor: 'insert_failed of `conntrack -S`, over all processors, and the version of the kernel.',
    why: 'A resolver asks for A and AAAA at once from one UDP socket. Both packets find no entry, both are translated to a DNS pod, and the second one cannot be entered beside the first: the kernel drops it. Kernels before 5.0 do so for any two packets of one UDP socket; newer ones resolve most such clashes.',
    consequences:
      'A name is now and then resolved only after five seconds, the resolver’s time-out; applications log slow or failed first requests.',
    commonCauses: [
      'glibc or musl asking for both families in parallel through the Service of the cluster’s DNS.',
      'Many short connections masqueraded to one destination, which compete for source ports.',
    ],
    mimics: [
      'clash_resolve (clashres): the kernel resolved the clash, nothing was lost.',
      'A counter of below 100 since boot, as any node has.',
      'On kernels since 5.0 insert_failed has other causes as well: told as low and possible.',
    ],
    cure: 'NodeLocal DNSCache (the node asks itself, without translation), a kernel of 5.0 or later, or `options single-request-reopen` in the pods’ dnsConfig (glibc).',
    title: (d) => `${formatCount(d.failed)} connections of ${d.node} could not be entered into the table`,
    summary(d) {
      const kernel =
        d.release === undefined
          ? 'The version of the kernel was not captured.'
          : d.isOld
            ? `Its kernel ${d.release} drops the second of two simultaneous packets of a UDP socket, as resolvers send them.`
            : `Its kernel ${d.release} resolves most clashes of DNS queries, so that these may be others.`
      const resolved = d.resolved > 0 ? ` It resolved ${formatCount(d.resolved)} clashes by itself.` : ''
      return `${d.node} counts ${formatCount(d.failed)} insert_failed since boot: as many packets were dropped. ${kernel}${resolved} Names that resolve only after five seconds are its mark.`
    },
    ruledOut: () => ['Clashes that the kernel resolved are counted apart.'],
    remedy: () => [
      { text: 'See whether it grows while names resolve slowly.', commands: WATCH },
      {
        text: 'Use NodeLocal DNSCache, or a newer kernel; for single workloads set `dnsConfig.options: [{name: single-request-reopen}]`.',
        commands: [],
      },
    ],
    verify: () => [{ text: 'insert_failed stands still.', commands: WATCH }],
    reasons: { noCounter: 'The captured statistics do not have insert_failed.' },
    notes: {
      failed: () => 'insert_failed of this processor',
      kernel: () => 'the kernel',
      option: () => 'the node’s own resolver avoids the race',
    },
  },
  zh: {
    name: '连接写入 conntrack 表失败（DNS 竞争）',
    looksFor: '`conntrack -S` 各 CPU 的 insert_failed 之和，以及内核版本。',
    why: '解析器会从同一个 UDP socket 同时查询 A 和 AAAA。两个报文都没有对应条目，都被 DNAT 到某个 DNS Pod，后写入的一个与前一个冲突而被内核丢弃。5.0 以前的内核对同一 UDP socket 的任意两个报文都会如此，较新的内核能化解大部分冲突。',
    consequences: '域名解析偶尔要等 5 秒（解析器超时）才返回，应用日志中首个请求缓慢或失败。',
    commonCauses: [
      'glibc 或 musl 经由集群 DNS 的 Service 并行查询两种地址。',
      '大量到同一目的地的短连接经过 MASQUERADE，争用源端口。',
    ],
    mimics: [
      'clash_resolve（clashres）表示内核已化解冲突，没有丢包。',
      '开机以来不足 100 次，任何节点都有。',
      '5.0 及以上内核的 insert_failed 还有其他原因：只按低级别、可能提示。',
    ],
    cure: '使用 NodeLocal DNSCache（节点本地查询，不经过 NAT），升级到 5.0 以上内核，或在 Pod 的 dnsConfig 中设置 `options single-request-reopen`（glibc）。',
    title: (d) => `${d.node} 有 ${formatCount(d.failed)} 个连接未能写入 conntrack 表`,
    summary(d) {
      const kernel =
        d.release === undefined
          ? '没有采集到内核版本。'
          : d.isOld
            ? `其内核 ${d.release} 会丢弃同一 UDP socket 同时发出的第二个报文，解析器正是这样发送的。`
            : `其内核 ${d.release} 能化解大部分 DNS 查询的冲突，这些失败可能另有原因。`
      const resolved = d.resolved > 0 ? `另有 ${formatCount(d.resolved)} 次冲突已由内核化解。` : ''
      return `${d.node} 开机以来 insert_failed 为 ${formatCount(d.failed)}，即丢弃了同样多的报文。${kernel}${resolved}典型现象是域名解析要等 5 秒。`
    },
    ruledOut: () => ['内核已化解的冲突另行计数，不在其中。'],
    remedy: () => [
      { text: '解析缓慢时观察计数是否增长。', commands: WATCH },
      {
        text: '使用 NodeLocal DNSCache 或更新内核；个别应用可设置 `dnsConfig.options: [{name: single-request-reopen}]`。',
        commands: [],
      },
    ],
    verify: () => [{ text: 'insert_failed 不再增长。', commands: WATCH }],
    reasons: { noCounter: '采集到的统计中没有 insert_failed。' },
    notes: {
      failed: () => '该 CPU 的 insert_failed',
      kernel: () => '内核版本',
      option: () => '节点自身的解析器已避开竞争',
    },
  },
}
