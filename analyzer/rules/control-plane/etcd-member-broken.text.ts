import type { RuleTexts } from '../../engine/ruleText.ts'
import { howOften } from '../../text/howOften.ts'

/**
 * Why a member cannot take part: another member is of another cluster; it was removed; its data is gone while the cluster knows it;
 * its data is damaged; it knows of no leader.
 */
export type BrokenKind = 'other-cluster' | 'removed' | 'data-lost' | 'corrupt' | 'no-leader'

/** What was found: a member of etcd that does not take part. */
export interface BrokenMember {
  readonly node: string
  readonly kind: BrokenKind
  /** Log lines. */
  readonly lines: number
}

/** What there is to see in a line. */
export type Note = 'noLeader' | 'logged'

const MEANING: Readonly<Record<BrokenKind, string>> = {
  'other-cluster':
    'A member that it talks to is of another cluster: one of the two was set up anew instead of joining, or has the data of another cluster. They do not replicate to each other.',
  removed:
    'The cluster has removed this member, and its data folder is still that of the removed one: it stops at once.',
  'data-lost':
    'Its data folder is empty, but the cluster still lists the member: it must be removed there and join anew.',
  corrupt:
    'Its log or database on disk is damaged, as after a power loss or a restore of an old disk: it stops when it reads it.',
  'no-leader':
    'It knows of no leader: a majority of the members cannot be reached, and no request is answered.',
}

const MEANING_ZH: Readonly<Record<BrokenKind, string>> = {
  'other-cluster':
    '与它通信的成员属于另一个集群：其中一方是重新初始化而不是加入的，或使用了其他集群的数据，双方不会互相复制。',
  removed: '集群已移除该成员，而其数据目录仍是被移除前的：启动后立即退出。',
  'data-lost': '数据目录为空，但集群成员列表中仍有该成员：需先移除再重新加入。',
  corrupt: '磁盘上的日志或数据库已损坏（断电、恢复了旧磁盘等）：读取时即退出。',
  'no-leader': '它没有 leader：联系不上多数成员，所有请求都得不到响应。',
}

const TITLE: Readonly<Record<BrokenKind, string>> = {
  'other-cluster': 'is not of one cluster with its peers',
  removed: 'was removed from the cluster',
  'data-lost': 'has lost its data',
  corrupt: 'has damaged data',
  'no-leader': 'has no leader',
}

const TITLE_ZH: Readonly<Record<BrokenKind, string>> = {
  'other-cluster': '与对端不属于同一集群',
  removed: '已被集群移除',
  'data-lost': '数据丢失',
  corrupt: '数据损坏',
  'no-leader': '没有 leader',
}

const LIST = ['etcdctl member list -w table', 'etcdctl endpoint status --cluster -w table']

/** The words of etcd-member-broken. */
export const text: RuleTexts<BrokenMember, 'nothing', Note> = {
  en: {
    name: 'A member of etcd does not take part',
    looksFor:
      'An endpoint that knows of no leader; and lines with `cluster ID mismatch`, `the member has been permanently removed from the cluster`, `member … has already been bootstrapped`, or of a damaged log.',
    why: 'A member that does not take part is missing in every vote. Of three members one may be missing; with a second one gone etcd answers nothing.',
    consequences: 'The API server of that node restarts over and over; with the majority gone, all of them.',
    commonCauses: [
      'A node that was installed anew under its old name, without removing its member first.',
      'A snapshot or an old disk image of one member that was put back.',
      'Two servers that were both started as the first of a cluster.',
    ],
    mimics: [
      'Lines from before a repair: an endpoint that answers and has a leader takes part.',
      'Peers that are down for an upgrade: they are no such lines.',
    ],
    cure: 'While a majority works: remove the member, empty its data folder, and let it join. Without a majority: restore from a snapshot.',
    title: ({ node, kind }) => `etcd on ${node} ${TITLE[kind]}`,
    summary: ({ node, kind, lines }) =>
      `${lines === 0 ? `The status of etcd on ${node} tells it.` : `The log of ${node} says it ${howOften(lines)}.`} ${MEANING[kind]}`,
    ruledOut: () => [],
    remedy: ({ kind }) => [
      {
        text: 'On a member that works: see who is listed and who answers. Take a snapshot before anything else.',
        commands: [...LIST, 'etcdctl snapshot save /root/etcd.snapshot'],
      },
      ...(kind === 'no-leader'
        ? [{ text: 'Bring members back until a majority is reached.', commands: [] }]
        : [
            {
              text: 'Remove the broken member by its ID, move its data folder aside, and let the node join again (kubeadm: `kubeadm join --control-plane`; k3s: start with `server:` of another one).',
              commands: ['etcdctl member remove "$ID"'],
            },
          ]),
    ],
    verify: () => [{ text: 'Every member is started, and all name the same leader.', commands: LIST }],
    reasons: { nothing: 'Neither a status nor a log of etcd was captured.' },
    notes: { noLeader: () => 'no leader', logged: () => 'etcd’s own words' },
  },
  zh: {
    name: 'etcd 成员无法参与集群',
    looksFor:
      '没有 leader 的端点；以及含有 `cluster ID mismatch`、`the member has been permanently removed from the cluster`、`member … has already been bootstrapped` 或日志损坏字样的日志。',
    why: '不参与的成员在每次表决中都缺席。三个成员可以缺一个；再缺一个，etcd 就不再响应。',
    consequences: '该节点的 API Server 反复重启；失去多数时，所有 API Server 都不可用。',
    commonCauses: [
      '节点以原名重装，而没有先移除其 etcd 成员。',
      '把某个成员的快照或旧磁盘镜像放了回去。',
      '两台 server 都以集群第一台的方式启动。',
    ],
    mimics: [
      '修复之前的日志：端点能响应且有 leader，就说明已参与集群。',
      '升级期间对端停机：不会产生这些日志。',
    ],
    cure: '多数成员正常时：移除该成员，清空其数据目录，重新加入。失去多数时：从快照恢复。',
    title: ({ node, kind }) => `${node} 上的 etcd ${TITLE_ZH[kind]}`,
    summary: ({ node, kind, lines }) =>
      `${lines === 0 ? `依据 ${node} 上 etcd 的状态。` : `${node} 的日志中出现 ${lines} 次。`}${MEANING_ZH[kind]}`,
    ruledOut: () => [],
    remedy: ({ kind }) => [
      {
        text: '在正常的成员上：查看列表中有谁、谁能响应。操作之前先做快照。',
        commands: [...LIST, 'etcdctl snapshot save /root/etcd.snapshot'],
      },
      ...(kind === 'no-leader'
        ? [{ text: '恢复成员，直到达到多数。', commands: [] }]
        : [
            {
              text: '按 ID 移除损坏的成员，把数据目录移走，让节点重新加入（kubeadm：`kubeadm join --control-plane`；k3s：以其他 server 的地址作为 `server:` 启动）。',
              commands: ['etcdctl member remove "$ID"'],
            },
          ]),
    ],
    verify: () => [{ text: '所有成员均已启动，且报告同一个 leader。', commands: LIST }],
    reasons: { nothing: '既没有采集到 etcd 状态，也没有 etcd 日志。' },
    notes: { noLeader: () => '没有 leader', logged: () => 'etcd 自己的日志' },
  },
}
