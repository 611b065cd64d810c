import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'

/** What was found: elections within an hour. */
export interface LeaderChanges {
  readonly node: string
  /** Changes of the term within the worst hour, less the restarts. */
  readonly changes: number
  /** How many members were elected. */
  readonly leaders: number
  /** Restarts of the node's etcd in that hour. */
  readonly starts: number
}

const LOOK = [
  'journalctl -u etcd -u k3s --since -2h | grep -E "lost leader|changed leader|elected leader|became candidate"',
]

/** The words of etcd-leader-changes. */
export const text: RuleTexts<LeaderChanges, 'noEtcdLog', 'elected'> = {
  en: {
    name: 'etcd keeps electing another leader',
    looksFor:
      'Lines of raft with a new leader (`elected leader … at term N`, `changed leader from … at term N`): at least three new terms within an hour.',
    why: 'The leader confirms every write. When its heartbeats stay away for a second, by a slow disk, a lack of CPU or a lossy network, the others elect a new one; in the meantime etcd answers nothing.',
    consequences:
      '`etcdserver: leader changed`, `etcdserver: request timed out`, `etcdserver: no leader`; an API server that stalls or restarts; controllers that lose their own leases.',
    commonCauses: [
      'A slow disk under etcd.',
      'Too little CPU, or a virtual machine that is paused for snapshots.',
      'A lossy or slow network between the members.',
    ],
    mimics: [
      'A member that starts and tells of the leader that was there: the term stays the same.',
      'Restarts of the node’s etcd, by an upgrade: each is taken off.',
      'Fewer than three in an hour.',
    ],
    cure: 'Find what keeps the heartbeats away: the disk first, then CPU, then the network between the members.',
    title: (d) =>
      `etcd elected a leader ${formatCount(d.changes)} times within an hour, by the log of ${d.node}`,
    summary: (d) =>
      `Within one hour the log of ${d.node} shows at least ${formatCount(d.changes)} new terms, with ${d.leaders === 1 ? 'one member as leader' : `${d.leaders} members as leaders`}${d.starts === 0 ? '' : `, beyond ${d.starts} that restarts may explain`}. During each election no write is confirmed, and requests to the API server wait or fail.`,
    ruledOut: (d) => [
      d.starts === 0 ? 'Restarts: etcd did not start in that hour.' : 'Restarts: they are taken off.',
    ],
    remedy: () => [
      { text: 'See which member loses its leadership, and when.', commands: LOOK },
      {
        text: 'On that node: look at the disk, at steal time and at the load.',
        commands: ['iostat -x 1 10', 'vmstat 1 10'],
      },
      { text: 'Between the members: look for loss and delay.', commands: ['ping -c 100 -i 0.2 "$PEER"'] },
    ],
    verify: () => [{ text: 'No new term for hours.', commands: LOOK }],
    reasons: { noEtcdLog: 'No log of etcd was captured.' },
    notes: { elected: (term) => `term ${term}` },
  },
  zh: {
    name: 'etcd 频繁切换 leader',
    looksFor:
      'raft 关于新 leader 的日志（`elected leader … at term N`、`changed leader from … at term N`）：一小时内至少三个新任期。',
    why: '所有写入都由 leader 确认。磁盘慢、CPU 不足或网络丢包使心跳中断一秒，其他成员就会选出新的 leader；选举期间 etcd 不响应请求。',
    consequences:
      '出现 `etcdserver: leader changed`、`etcdserver: request timed out`、`etcdserver: no leader`；API Server 卡顿或重启；各控制器丢失自己的租约。',
    commonCauses: ['etcd 所在磁盘慢。', 'CPU 不足，或虚拟机因快照而暂停。', '成员之间网络丢包或延迟高。'],
    mimics: [
      '成员启动时会报告已有的 leader：任期不变。',
      '升级等造成的本节点 etcd 重启：每次重启都会扣除。',
      '一小时内少于三次。',
    ],
    cure: '找出心跳中断的原因：先看磁盘，再看 CPU，然后是成员之间的网络。',
    title: (d) => `${d.node} 的日志显示 etcd 一小时内选举了 ${formatCount(d.changes)} 次`,
    summary: (d) =>
      `${d.node} 的日志在一小时内至少出现 ${formatCount(d.changes)} 个新任期，先后有 ${d.leaders} 个成员担任 leader${d.starts === 0 ? '' : `（已扣除可能由重启造成的 ${d.starts} 次）`}。每次选举期间写入都无法确认，对 API Server 的请求会等待或失败。`,
    ruledOut: (d) => [d.starts === 0 ? '重启：该小时内 etcd 没有启动过。' : '重启：已扣除。'],
    remedy: () => [
      { text: '查看是哪个成员、在什么时候失去 leader。', commands: LOOK },
      { text: '在该节点上检查磁盘、steal 时间和负载。', commands: ['iostat -x 1 10', 'vmstat 1 10'] },
      { text: '在成员之间检查丢包与延迟。', commands: ['ping -c 100 -i 0.2 "$PEER"'] },
    ],
    verify: () => [{ text: '数小时内没有新任期。', commands: LOOK }],
    reasons: { noEtcdLog: '没有采集到 etcd 日志。' },
    notes: { elected: (term) => `任期 ${term}` },
  },
}
