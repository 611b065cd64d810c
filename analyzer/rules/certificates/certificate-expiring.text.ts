import type { RuleTexts } from '../../engine/ruleText.ts'
import type { CertificateState } from '../../facts/node/certificateStates.ts'
import { consequence, datesStep, pathsInWords, renewalSteps, rolesInWords } from './certificateWords.ts'

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

/** The words of certificate-expiring. */
export const text: RuleTexts<ExpiringCertificates, never, 'certificate'> = {
  en: {
    name: 'A certificate is about to expire',
    looksFor:
      'Certificates that the node works with and that end within thirty days (or the last tenth of a shorter life), judged by the node’s own clock at the time of the capture.',
    why: 'Past its end a certificate is refused. k3s and rke2 renew theirs when they start, never while they run: a node that has not been restarted for most of a year stops one day without any change. kubeadm renews at upgrades. Authorities live ten years and are renewed by nothing.',
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
    remedy: ({ certificates }) => renewalSteps(certificates),
    verify: ({ certificates }) => [datesStep(certificates)],
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
