import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'

/** What was found: an even number of members that vote. */
export interface EvenMembers {
  /** Names, or the URL of one that has not started. */
  readonly members: readonly string[]
  /** How many of them were added and have not started. */
  readonly unstarted: number
}

type Reason = 'noMembers' | 'toldElsewhere'

/** How many may fail while the others still are a majority. */
const tolerated = ({ members }: EvenMembers): number => Math.ceil(members.length / 2) - 1

const quorum = ({ members }: EvenMembers): number => Math.floor(members.length / 2) + 1

const LIST = [
  'ETCDCTL_API=3 etcdctl --endpoints=https://127.0.0.1:2379 --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/healthcheck-client.crt --key=/etc/kubernetes/pki/etcd/healthcheck-client.key member list -w table',
]

/** The words of etcd-even-members. */
export const text: RuleTexts<EvenMembers, Reason, 'members'> = {
  en: {
    name: 'etcd has an even number of members',
    looksFor: 'The members in etcd’s own list that have a vote.',
    why: 'etcd works as long as more than half of its members reach each other. Four members need three, and so bear the loss of one, as three members do; two members bear no loss at all, and fail twice as often as one. When the network splits in halves, neither half works. An even number does not itself bring elections about.',
    consequences:
      'With one member lost more than expected, etcd answers nothing, and the API server with it.',
    commonCauses: [
      'A member that was replaced, and whose predecessor was never removed.',
      'A cluster that was grown from one control-plane node to two.',
    ],
    mimics: [
      'Learners, which have no vote: they are not counted.',
      'The moments of a join, while a fourth member is there: the list is read once.',
      'k3s with SQLite or an external database: there is no list of members.',
    ],
    cure: 'Add a member, or remove the one that is dead or not needed.',
    title: (d) => `etcd has ${d.members.length} voting members, an even number`,
    summary: (d) =>
      `The members ${joinWords(d.members)} vote. ${quorum(d)} of ${d.members.length} must agree, so that the cluster bears the loss of ${tolerated(d) === 0 ? 'none' : tolerated(d)}, no more than ${d.members.length - 1} ${d.members.length === 2 ? 'member does' : 'members do'}.${d.unstarted === 0 ? '' : ` ${d.unstarted} of them ${d.unstarted === 1 ? 'has' : 'have'} never started, and still ${d.unstarted === 1 ? 'counts' : 'count'}.`}`,
    ruledOut: () => ['Learners: they are not counted.'],
    remedy: () => [
      { text: 'See which members are there, and which of them answer.', commands: LIST },
      {
        text: 'Remove a member whose node is gone (`etcdctl member remove ID`), or let a further control-plane node join.',
        commands: [],
      },
    ],
    verify: () => [{ text: 'The list has an odd number of members that have started.', commands: LIST }],
    reasons: {
      noMembers: 'No list of etcd’s members was captured.',
      toldElsewhere: 'The list of etcd’s members was taken on other nodes.',
    },
    notes: { members: (count) => `${count} that vote` },
  },
  zh: {
    name: 'etcd 成员数为偶数',
    looksFor: 'etcd 自身成员列表中有投票权的成员。',
    why: 'etcd 需要超过半数的成员互通才能工作。四个成员需要三个，只能容忍一个故障，与三个成员相同；两个成员则一个都不能少，故障概率反而是单成员的两倍。网络对半分裂时，两边都无法工作。成员数为偶数本身并不会引发选举。',
    consequences: '比预期多失去一个成员，etcd 就不再响应，API Server 随之不可用。',
    commonCauses: ['替换成员后没有移除旧成员。', '控制面从一个节点扩展到两个节点。'],
    mimics: [
      'learner 没有投票权，不计入。',
      '新成员加入的过程中会短暂出现四个成员：列表只读取一次。',
      'k3s 使用 SQLite 或外部数据库：没有成员列表。',
    ],
    cure: '增加一个成员，或移除已失效、多余的成员。',
    title: (d) => `etcd 有 ${d.members.length} 个投票成员，为偶数`,
    summary: (d) =>
      `有投票权的成员为 ${joinChinese(d.members)}。${d.members.length} 个中需要 ${quorum(d)} 个达成一致，因此${tolerated(d) === 0 ? '不能容忍任何故障' : `只能容忍 ${tolerated(d)} 个故障`}，并不比 ${d.members.length - 1} 个成员更好。${d.unstarted === 0 ? '' : `其中 ${d.unstarted} 个从未启动，但仍计入总数。`}`,
    ruledOut: () => ['learner：未计入。'],
    remedy: () => [
      { text: '查看有哪些成员，哪些能响应。', commands: LIST },
      {
        text: '移除节点已不存在的成员（`etcdctl member remove ID`），或再加入一个控制面节点。',
        commands: [],
      },
    ],
    verify: () => [{ text: '列表中已启动的成员数为奇数。', commands: LIST }],
    reasons: { noMembers: '没有采集到 etcd 成员列表。', toldElsewhere: 'etcd 成员列表采集自其他节点。' },
    notes: { members: (count) => `${count} 个有投票权` },
  },
}
