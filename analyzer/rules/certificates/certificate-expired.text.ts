import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatTime } from '../../text/formatTime.ts'
import { howOften } from '../../text/howOften.ts'
import { consequence, datesStep, pathsInWords, renewalSteps, rolesInWords } from './certificateWords.ts'
import type { LifetimeFault, LifetimeNote } from './lifetimeFault.ts'

/** The words of certificate-expired. */
export const text: RuleTexts<LifetimeFault, 'noCertificates', LifetimeNote> = {
  en: {
    name: 'A certificate has expired',
    looksFor:
      'The end of every certificate that the node works with, judged by the node’s own clock at the time of the capture, and log lines that say `x509: certificate has expired or is not yet valid`.',
    why: 'Every connection between the components of a cluster is TLS with certificates on both sides. Past its end a certificate is refused, whoever shows it, and nothing but a new one helps. Certificates of kubeadm, k3s and rke2 live a year; they are renewed by an upgrade or a restart, so that a cluster nobody touches for a year stops.',
    mimics: [
      'Copies that were put aside (folders such as tls-old, names such as apiserver.crt.bak): nothing reads them.',
      'Former certificates of the kubelet, `kubelet-client-2023-…pem`, behind the link `kubelet-client-current.pem`.',
      'A bundle of authorities with an old root beside its valid successor: it is needed only by what it alone has signed.',
      'The old login in a stale kubeconfig, beside another kubeconfig that is valid; and the one in kubelet.conf, where the kubelet has a newer one in its own store.',
      'The kubelet’s own serving certificate of kubeadm, which the API server does not verify: low.',
    ],
    cure: 'k3s and rke2: restart the service, which renews what is about to end. kubeadm: `kubeadm certs renew all`, then have the static pods start anew. The kubelet’s own login renews itself, but only while it is valid.',
    title({ node, certificates, loggedBound }) {
      if (certificates.length === 0)
        return `${node} logs a certificate that has expired, none of the captured ones`
      const [first] = certificates
      if (certificates.length === 1)
        return `A certificate of ${node} has expired: ${first?.path ?? loggedBound}`
      return `${certificates.length} certificates of ${node} have expired`
    },
    summary({ node, certificates, refusals, loggedBound }) {
      if (certificates.length === 0) {
        const end = loggedBound === '' ? '' : `, past its end of ${formatTime(loggedBound)}`
        return `Logs of ${node} say ${howOften(refusals)} that a certificate has expired${end}. None of the captured certificates bears that time: it may be another machine’s, a registry’s or a webhook’s. What the message is about is refused.`
      }
      const logged = refusals === 0 ? '' : ` Logs name this very end ${howOften(refusals)}.`
      return `By the clock of ${node}, ${pathsInWords(certificates, 'notAfterMs')} ${certificates.length === 1 ? 'is' : 'are'} past the end: ${rolesInWords(certificates)}.${logged} ${consequence(certificates)}`
    },
    ruledOut: ({ certificates }) =>
      certificates.length === 0
        ? ['Certificates of this case: none of them ends at the time that the log names.']
        : ['Copies and predecessors: their names and folders are those of files in use.'],
    remedy: ({ certificates, loggedBound }) =>
      certificates.length > 0
        ? renewalSteps(certificates)
        : [
            {
              text: `Find whose certificate it is: the message names the address that was called. Then see its dates${loggedBound === '' ? '' : ` (end: ${loggedBound})`}.`,
              commands: [
                'openssl s_client -connect "$HOST:$PORT" </dev/null 2>/dev/null | openssl x509 -noout -subject -dates',
              ],
            },
          ],
    verify: ({ certificates }) => [
      ...(certificates.length === 0 ? [] : [datesStep(certificates)]),
      {
        text: 'The API server answers, nodes are Ready, and the logs complain no more.',
        commands: ['kubectl get nodes', 'journalctl --since -5min | grep "has expired or is not yet valid"'],
      },
    ],
    reasons: { noCertificates: 'No certificate of this node was captured, and no log speaks of one.' },
    notes: {
      certificate: (subject) => subject,
      refused: (lines) => (lines === '1' ? 'refused' : `refused; one of ${lines} such lines`),
    },
  },
}
