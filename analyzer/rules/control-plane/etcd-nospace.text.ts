import type { Step } from '../../engine/outcome.ts'
import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatBytes } from '../../text/formatBytes.ts'
import { howOften } from '../../text/howOften.ts'

/** What was found: etcd without space. */
export interface NoSpace {
  readonly node: string
  /** `full`: the alarm is raised; `logged`: a log says so; `near`: the database comes near its quota. */
  readonly kind: 'full' | 'logged' | 'near'
  readonly databaseBytes?: number | undefined
  /** Of it what is in use: the rest comes free by a defragmentation. */
  readonly usedBytes?: number | undefined
  readonly quotaBytes?: number
  /** Log lines that refuse a write. */
  readonly refusals: number
}

/** What there is to see in a line. */
export type Note = 'alarm' | 'refused' | 'size' | 'quota'

const E =
  'etcdctl --endpoints=https://127.0.0.1:2379 --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/healthcheck-client.crt --key=/etc/kubernetes/pki/etcd/healthcheck-client.key'

function steps(words: readonly [string, string, string]): readonly Step[] {
  return [
    {
      text: words[0],
      commands: [
        `rev=$(${E} endpoint status -w json | grep -o '"revision":[0-9]*' | head -n 1 | cut -d: -f2); ${E} compact "$rev"`,
        `${E} defrag`,
      ],
    },
    { text: words[1], commands: [`${E} alarm disarm`] },
    { text: words[2], commands: [] },
  ]
}

function sizes({ databaseBytes, usedBytes }: NoSpace): { readonly all: string; readonly used?: string } {
  return {
    all: databaseBytes === undefined ? '' : formatBytes(databaseBytes),
    ...(usedBytes !== undefined && { used: formatBytes(usedBytes) }),
  }
}

/** The words of etcd-nospace. */
export const text: RuleTexts<NoSpace, 'noStatus', Note> = {
  en: {
    name: 'etcd has no space left',
    looksFor:
      'The alarm NOSPACE in `etcdctl endpoint status`, the size of the database against its quota (`--quota-backend-bytes`, 2 GiB by default), and lines `mvcc: database space exceeded`.',
    why: 'When its database reaches the quota, etcd raises an alarm on the whole cluster and takes reads and deletions only. It stays so until the database is smaller and the alarm is disarmed by hand. Space that was freed is not given back without a defragmentation.',
    consequences:
      'Nothing can be created or changed: no pods, no leases, no endpoints. Nodes turn NotReady, since their leases are not renewed.',
    commonCauses: [
      'Many or large objects: events, jobs that are never cleaned up, Helm releases, reports of operators.',
      'A database that was never defragmented.',
    ],
    mimics: [
      'A full disk: that is `no space left on device`, another fault.',
      'A refusal in the log while the status shows no alarm: it is over.',
      'A large database whose quota is set higher: the quota of the captured command counts.',
    ],
    cure: 'Compact, defragment each member, disarm the alarm; then find what fills it, and raise the quota to at most 8 GiB where it is needed.',
    title: (d) =>
      d.kind === 'near'
        ? `The database of etcd on ${d.node} is near its quota: ${sizes(d).all}`
        : d.kind === 'full'
          ? `etcd on ${d.node} has raised NOSPACE: it takes no writes`
          : `${d.node} logs that etcd has no space left`,
    summary(d) {
      const { all, used } = sizes(d)
      const inUse = used === undefined ? '' : `, of which ${used} are in use`
      if (d.kind === 'near') {
        return `The database holds ${all}${inUse}; the quota is ${formatBytes(d.quotaBytes ?? 0)}. At the quota etcd takes no more writes, and the cluster stands still.`
      }
      if (d.kind === 'logged') {
        return `Logs of ${d.node} refuse writes ${howOften(d.refusals)}: database space exceeded. Until the database is smaller and the alarm disarmed, nothing in the cluster can be changed.`
      }
      return `The endpoint reports the alarm NOSPACE${all === '' ? '' : `; the database holds ${all}${inUse}`}. Nothing in the cluster can be changed until the alarm is disarmed.`
    },
    ruledOut: () => [],
    remedy: () =>
      steps([
        'Compact to the present revision, then defragment one member after the other (each stops for that time).',
        'Disarm the alarm.',
        'See which kind of object fills the database, and remove what nobody needs.',
      ]),
    verify: () => [
      {
        text: 'No alarm is listed, and the size is well below the quota.',
        commands: [`${E} alarm list`, `${E} endpoint status -w table`],
      },
    ],
    reasons: { noStatus: 'Neither a status nor a log of etcd was captured.' },
    notes: {
      alarm: () => 'errors: alarm NOSPACE',
      refused: () => 'a write is refused',
      size: () => 'dbSize',
      quota: () => 'the quota',
    },
  },
  zh: {
    name: 'etcd 空间已满',
    looksFor:
      '`etcdctl endpoint status` 中的 NOSPACE 告警、数据库大小与配额（`--quota-backend-bytes`，默认 2 GiB）的比较，以及日志 `mvcc: database space exceeded`。',
    why: '数据库达到配额后，etcd 会在整个集群触发告警，只接受读取和删除。只有数据库变小并手工解除告警后才会恢复。已释放的空间不经碎片整理不会归还。',
    consequences: '无法创建或修改任何对象：Pod、租约、Endpoints 都不行。租约无法续期，节点变为 NotReady。',
    commonCauses: [
      '对象过多或过大：events、从不清理的 Job、Helm release、operator 的报告等。',
      '数据库从未做过碎片整理。',
    ],
    mimics: [
      '磁盘写满：报错为 `no space left on device`，是另一类故障。',
      '日志中有拒绝写入，但状态里没有告警：已经恢复。',
      '数据库较大但配额也更高：以采集到的启动参数为准。',
    ],
    cure: '压缩历史版本，逐个成员做碎片整理，解除告警；再找出占用空间的对象，必要时把配额提高到不超过 8 GiB。',
    title: (d) =>
      d.kind === 'near'
        ? `${d.node} 上 etcd 数据库接近配额：${sizes(d).all}`
        : d.kind === 'full'
          ? `${d.node} 上的 etcd 触发 NOSPACE，不再接受写入`
          : `${d.node} 的日志显示 etcd 空间已满`,
    summary(d) {
      const { all, used } = sizes(d)
      const inUse = used === undefined ? '' : `，其中实际使用 ${used}`
      if (d.kind === 'near') {
        return `数据库大小为 ${all}${inUse}；配额为 ${formatBytes(d.quotaBytes ?? 0)}。达到配额后 etcd 不再接受写入，整个集群无法变更。`
      }
      if (d.kind === 'logged') {
        return `${d.node} 的日志有 ${d.refusals} 次拒绝写入：database space exceeded。在数据库变小并解除告警之前，集群中任何对象都无法变更。`
      }
      return `端点报告 NOSPACE 告警${all === '' ? '' : `；数据库大小为 ${all}${inUse}`}。解除告警之前，集群中任何对象都无法变更。`
    },
    ruledOut: () => [],
    remedy: () =>
      steps([
        '压缩到当前版本，再逐个成员做碎片整理（整理期间该成员停止服务）。',
        '解除告警。',
        '找出占用空间的对象类型，清理不需要的。',
      ]),
    verify: () => [
      {
        text: '没有告警，数据库大小明显低于配额。',
        commands: [`${E} alarm list`, `${E} endpoint status -w table`],
      },
    ],
    reasons: { noStatus: '既没有采集到 etcd 状态，也没有 etcd 日志。' },
    notes: {
      alarm: () => 'errors 中有 NOSPACE 告警',
      refused: () => '写入被拒绝',
      size: () => 'dbSize',
      quota: () => '配额',
    },
  },
}
