import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatTime } from '../../text/formatTime.ts'
import { howOften } from '../../text/howOften.ts'
import { consequence, datesStep, pathsInWords, rolesInWords } from './certificateWords.ts'
import type { LifetimeFault, LifetimeNote } from './lifetimeFault.ts'

/** The words of certificate-not-yet-valid. */
export const text: RuleTexts<LifetimeFault, 'noCertificates', LifetimeNote> = {
  en: {
    name: 'A certificate is not valid yet',
    looksFor:
      'The beginning of every certificate that the node works with, judged by the node’s own clock at the time of the capture, and log lines that say `x509: … current time … is before …`.',
    why: 'A certificate is refused before its beginning as it is past its end. Certificates are made valid from the moment they are made, so that one from the future tells of a clock: that of this node is behind, or that of the machine that made the certificate was ahead. Nodes without a battery for their clock start in the past until they reach a time server.',
    mimics: [
      'An authority that was prepared for a rotation, beside the one in use.',
      'Copies that were put aside: nothing reads them.',
    ],
    cure: 'Set the clock right, and keep it right with a time server. Certificates that were made by a clock ahead of time have to be made anew.',
    title({ node, certificates }) {
      if (certificates.length === 0)
        return `${node} logs a certificate that is not valid yet, none of the captured ones`
      const [first] = certificates
      if (certificates.length === 1) return `A certificate of ${node} is not valid yet: ${first?.path ?? ''}`
      return `${certificates.length} certificates of ${node} are not valid yet`
    },
    summary({ node, certificates, refusals, loggedBound }) {
      if (certificates.length === 0) {
        const begin = loggedBound === '' ? '' : `: it begins at ${formatTime(loggedBound)}`
        return `Logs of ${node} say ${howOften(refusals)} that a certificate is not valid yet${begin}. None of the captured certificates bears that time. Most often the clock of ${node} is, or was, behind.`
      }
      const logged = refusals === 0 ? '' : ` Logs name this very beginning ${howOften(refusals)}.`
      return `By the clock of ${node}, ${pathsInWords(certificates, 'notBeforeMs')} ${certificates.length === 1 ? 'begins' : 'begin'} in the future: ${rolesInWords(certificates)}.${logged} Either this clock is behind, or the one that the certificates were made by was ahead. ${consequence(certificates)}`
    },
    ruledOut: () => [],
    remedy: ({ certificates }) => [
      {
        text: 'Compare the clock of this node with a right one, and have it follow a time server.',
        commands: ['date -u', 'timedatectl set-ntp true', 'timedatectl status'],
      },
      ...(certificates.length === 0
        ? []
        : [
            {
              text: 'Where this clock was right, the certificates were made by a wrong one: set that one right, have the certificates made anew, and restart what serves them.',
              commands: [],
            },
          ]),
    ],
    verify: ({ certificates }) => [
      ...(certificates.length === 0 ? [] : [datesStep(certificates)]),
      {
        text: 'The clock follows its server, and the logs complain no more.',
        commands: [
          'timedatectl show -p NTPSynchronized',
          'journalctl --since -5min | grep "is not yet valid"',
        ],
      },
    ],
    reasons: { noCertificates: 'No certificate of this node was captured, and no log speaks of one.' },
    notes: {
      certificate: (subject) => subject,
      refused: (lines) => (lines === '1' ? 'refused' : `refused; one of ${lines} such lines`),
    },
  },
}
