import type { RuleTexts } from '../../engine/ruleText.ts'
import { stepsIn } from '../../engine/saidStep.ts'
import type { CertificateState } from '../../facts/node/certificateStates.ts'
import { consequence, pathsInWords, rolesInWords } from './certificateWords.ts'
import { chineseConsequence, chinesePaths, chineseRoles } from './certificateWordsChinese.ts'
import { datesStep } from './datesStep.ts'
import { renewalSteps } from './renewalSteps.ts'

/** What was found: certificates that are about to end. */
export interface ExpiringCertificates {
  readonly node: string
  /** The most important first. */
  readonly certificates: readonly CertificateState[]
  /** Since the node started; -1 where the bundle does not tell. */
  readonly uptimeDays: number
}

const soonest = ({ certificates }: ExpiringCertificates): number =>
  Math.min(...certificates.map(({ days }) => days))

const inDays = (days: number): string =>
  days === 0 ? 'within a day' : days === 1 ? 'in 1 day' : `in ${days} days`

const inChineseDays = (days: number): string => (days === 0 ? '一天内' : `${days} 天后`)

/** The words of certificate-expiring. */
export const text: RuleTexts<ExpiringCertificates, never, 'certificate'> = {
  en: {
    name: 'A certificate is about to expire',
    looksFor:
      'Certificates that the node works with and that end within thirty days (or the last tenth of a shorter life), judged by the node’s own clock at the time of the capture.',
    why: 'Past its end a certificate is refused. k3s and rke2 renew theirs when they start, never while they run: a node that has not been restarted for most of a year stops one day without any change. kubeadm renews at upgrades. Authorities live ten years and are renewed by nothing.',
    consequences: 'Nothing yet. On the day that is named, whatever is said of an expired certificate.',
    commonCauses: [
      'A cluster that is not upgraded or restarted often enough for its certificates.',
      'A kubelet whose renewal is refused (its CSR is not approved).',
    ],
    mimics: [
      'Short-lived certificates, of a week or a day: for them the last tenth of their life counts.',
      'The kubelet’s login renews itself at 70 to 90 % of its life: with less than thirty days of a year left, it has not.',
      'Copies that were put aside, former certificates of the kubelet and logins beside a valid one: nothing reads them.',
    ],
    cure: 'Restart k3s or rke2; renew those of kubeadm with `kubeadm certs renew all`.',
    title(d) {
      const [first] = d.certificates
      if (d.certificates.length === 1) {
        return `A certificate of ${d.node} ends ${inDays(soonest(d))}: ${first?.path ?? ''}`
      }
      return `${d.certificates.length} certificates of ${d.node} end soon, the first ${inDays(soonest(d))}`
    },
    summary(d) {
      const { node, certificates, uptimeDays } = d
      const isRancher = certificates.some(
        ({ role, distribution }) => role !== 'ca' && (distribution === 'k3s' || distribution === 'rke2'),
      )
      const runs =
        isRancher && uptimeDays > 0
          ? ` The node has been up for ${uptimeDays} days, and only a start of the service renews them.`
          : ''
      return `By the clock of ${node}, ${pathsInWords(certificates, 'notAfterMs')} ${certificates.length === 1 ? 'ends' : 'end'} within thirty days: ${rolesInWords(certificates)}.${runs} Nothing is refused yet. Past the end: ${lowered(consequence(certificates))}`
    },
    ruledOut: () => ['Copies and predecessors: their names and folders are those of files in use.'],
    remedy: ({ certificates }) => stepsIn('en', renewalSteps(certificates)),
    verify: ({ certificates }) => stepsIn('en', [datesStep(certificates)]),
    reasons: {},
    notes: { certificate: (subject) => subject },
  },
  zh: {
    name: '证书即将过期',
    looksFor: '节点使用的证书中三十天内（寿命较短的为最后十分之一）到期的，以采集时节点自己的时钟判断。',
    why: '过期的证书会被拒绝。k3s 和 rke2 只在启动时更新证书，运行中从不更新：大半年没有重启的节点会在某天毫无征兆地停摆。kubeadm 在升级时更新。CA 有效期十年，没有任何机制更新。',
    consequences: '目前没有影响；到期之日起，与证书过期的后果相同。',
    commonCauses: ['集群升级或重启的频率赶不上证书有效期。', 'kubelet 的续期被拒绝（其 CSR 没有批准）。'],
    mimics: [
      '有效期只有一周或一天的短期证书：以寿命的最后十分之一计。',
      'kubelet 的登录证书在寿命的 70 % 到 90 % 时自行续期：一年期的只剩不到三十天，说明没有续上。',
      '另存的副本、kubelet 的旧证书以及有效证书旁边的旧登录证书：没有程序读取它们。',
    ],
    cure: '重启 k3s 或 rke2；kubeadm 用 `kubeadm certs renew all` 更新。',
    title(d) {
      const [first] = d.certificates
      if (d.certificates.length === 1)
        return `${d.node} 的证书${inChineseDays(soonest(d))}到期：${first?.path ?? ''}`
      return `${d.node} 有 ${d.certificates.length} 个证书即将到期，最早的${inChineseDays(soonest(d))}到期`
    },
    summary(d) {
      const { node, certificates, uptimeDays } = d
      const isRancher = certificates.some(
        ({ role, distribution }) => role !== 'ca' && (distribution === 'k3s' || distribution === 'rke2'),
      )
      const runs =
        isRancher && uptimeDays > 0 ? `该节点已运行 ${uptimeDays} 天，而只有服务启动时才会更新证书。` : ''
      return `按 ${node} 的时钟，${chinesePaths(certificates, 'notAfterMs')} 将在三十天内到期：${chineseRoles(certificates)}。${runs}目前还没有被拒绝。到期之后：${chineseConsequence(certificates)}`
    },
    ruledOut: () => ['副本和旧证书：其名称和目录都是在用文件的。'],
    remedy: ({ certificates }) => stepsIn('zh', renewalSteps(certificates)),
    verify: ({ certificates }) => stepsIn('zh', [datesStep(certificates)]),
    reasons: {},
    notes: { certificate: (subject) => subject },
  },
}

/** A sentence in the middle of another: names of programs and etcd keep their case. */
function lowered(sentence: string): string {
  return /^(?:The|What|Who|Everything|Aggregated)\b/.test(sentence)
    ? sentence.charAt(0).toLowerCase() + sentence.slice(1)
    : sentence
}
