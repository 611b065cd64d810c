import type { RuleTexts } from '../../engine/ruleText.ts'
import { type SaidStep, stepsIn } from '../../engine/saidStep.ts'
import type { CertificateState } from '../../facts/node/certificateStates.ts'
import { chinesePaths } from './certificateWordsChinese.ts'
import { pathsInWords } from './certificateWords.ts'
import { datesStep } from './datesStep.ts'
import { renewalSteps } from './renewalSteps.ts'

/** What was found: certificates that wait for a start of the service. */
export interface WaitingCertificates {
  readonly node: string
  readonly distribution: 'k3s' | 'rke2'
  readonly certificates: readonly CertificateState[]
  /** The journal of the service was captured. */
  readonly hasJournal: boolean
  /** Since the node started. */
  readonly uptimeDays: number
  /** To the end of the first; negative where it has ended. */
  readonly daysLeft: number
}

/** What there is to see in a line. */
export type Note = 'certificate' | 'uptime'

/** The words of k3s-cert-1y. */
export const text: RuleTexts<WaitingCertificates, 'noK3s' | 'noUptime', Note> = {
  en: {
    name: 'k3s or rke2 has run for so long that its certificates end',
    looksFor:
      'Certificates of k3s or rke2 with less than thirty days left, on a node that started before the time from which a start of the service would have renewed them (ninety days before their end).',
    why: 'k3s and rke2 make certificates for 365 days. They renew them when they start, where less than 120 days are left (90 before the releases of May 2025), and never while they run: a service that was last started nine months ago does not renew anything.',
    consequences:
      'Nothing until the day; then the API server, the kubelet and etcd of the node refuse each other, with no change having been made.',
    commonCauses: [
      'A cluster at the edge or in production that nobody restarts or upgrades for most of a year.',
      'A restart for new certificates that was done on the servers and not on the agents.',
    ],
    mimics: [
      'A service that was started since: it has renewed its certificates, so that they have a year left.',
      'A node that started within the ninety days: whatever keeps it from renewal is something else.',
      'Authorities, which live ten years and are not renewed by a start; certificates made for less than half a year.',
    ],
    cure: 'Restart the service; then upgrade or restart it at least every half year.',
    title: (d) =>
      d.daysLeft < 0
        ? `${d.distribution} on ${d.node} has run for over a year: its certificates ended ${inDays(-d.daysLeft)} ago`
        : `${d.distribution} on ${d.node} must be started anew within ${inDays(d.daysLeft)}: only a start renews its certificates`,
    summary: (d) =>
      `${d.node} has been up for ${inDays(d.uptimeDays)}. ${d.certificates.length === 1 ? 'This certificate ends' : 'These certificates end'}, or have ended, on the day that is given: ${pathsInWords(d.certificates, 'notAfterMs')}. A start of ${d.distribution} within the last ninety days before would have renewed them, so that there was none, and nothing else will.`,
    ruledOut: ({ hasJournal }) =>
      hasJournal ? ['A start since renewal became due: the captured journal of the service shows none.'] : [],
    remedy: (d) => stepsIn('en', remedy(d)),
    verify: (d) => stepsIn('en', [datesStep(d.certificates)]),
    reasons: {
      noK3s: 'No certificate that k3s or rke2 renews was captured.',
      noUptime: 'The bundle does not tell for how long the node has been up.',
    },
    notes: { certificate: (subject) => subject, uptime: () => 'up since before renewal was due' },
  },
  zh: {
    name: 'k3s 或 rke2 运行过久，证书即将到期',
    looksFor:
      'k3s 或 rke2 的证书剩余不足三十天，而节点在“启动即可更新证书”的时间（到期前九十天）之前就已开机。',
    why: 'k3s 与 rke2 签发的证书有效期为 365 天，只在启动时更新剩余不足 120 天（2025 年 5 月之前的版本为 90 天）的证书，运行期间从不更新：九个月前启动后一直运行的服务不会更新任何证书。',
    consequences:
      '到期之前没有任何影响；到期当天，在没有任何改动的情况下，节点的 API Server、kubelet 与 etcd 开始互相拒绝。',
    commonCauses: ['边缘或生产集群大半年没有重启或升级。', '为更新证书只重启了 server，没有重启 agent。'],
    mimics: [
      '之后启动过的服务：证书已更新，还有一年有效期。',
      '节点在这九十天之内才开机：没有更新另有原因。',
      'CA 有效期十年，启动时不更新；有效期不足半年的证书也不在此列。',
    ],
    cure: '重启服务；此后至少每半年升级或重启一次。',
    title: (d) =>
      d.daysLeft < 0
        ? `${d.node} 上的 ${d.distribution} 已运行一年以上：证书在 ${-d.daysLeft} 天前到期`
        : `${d.node} 上的 ${d.distribution} 须在 ${Math.max(1, d.daysLeft)} 天内重启：只有启动才会更新证书`,
    summary: (d) =>
      `${d.node} 已开机 ${d.uptimeDays} 天。以下证书将在所示日期到期，或已经到期：${chinesePaths(d.certificates, 'notAfterMs')}。到期前九十天内只要启动过 ${d.distribution}，这些证书就会被更新，可见没有启动过，而其他机制都不会更新它们。`,
    ruledOut: ({ hasJournal }) =>
      hasJournal ? ['到了可更新的时间之后启动过：采集到的服务日志中没有启动记录。'] : [],
    remedy: (d) => stepsIn('zh', remedy(d)),
    verify: (d) => stepsIn('zh', [datesStep(d.certificates)]),
    reasons: {
      noK3s: '没有采集到由 k3s 或 rke2 更新的证书。',
      noUptime: '采集包没有给出节点的开机时长。',
    },
    notes: { certificate: (subject) => subject, uptime: () => '开机早于可更新的时间' },
  },
}

/** At least a day: what ends within hours is done at once. */
function inDays(days: number): string {
  return days <= 1 ? '1 day' : `${days} days`
}

function remedy({ certificates, distribution }: WaitingCertificates): readonly SaidStep[] {
  return [
    ...renewalSteps(certificates),
    {
      text: {
        en: 'Start the service on every node at least twice a year, servers first; an upgrade does it as well. See what the other nodes have left.',
        zh: '每个节点每年至少重启两次服务，先 server 后 agent；升级同样有效。并检查其他节点的剩余有效期。',
      },
      commands: [`${distribution} certificate check --output table`],
    },
  ]
}
