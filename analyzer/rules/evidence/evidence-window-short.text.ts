import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'

/** Logs and counters cover too little time. */
export interface EvidenceWindowShort {
  readonly node: string
  /** Minutes from the start of the kernel to the capture, where that is short. */
  readonly minutesSinceBoot?: number
  /** Log lines that the journal threw away. */
  readonly suppressedLines: number
}

type Note = 'uptime' | 'suppressed'

/** The words of evidence-window-short. */
export const text: RuleTexts<EvidenceWindowShort, never, Note> = {
  en: {
    name: 'Logs and counters cover little time',
    looksFor:
      'A node that started shortly before the capture, and log lines that the journal says it threw away (rate limit).',
    why: 'Counters and neighbour tables begin at zero with the kernel, and a log line that was not written cannot be found. Checks that look for such traces can see little here.',
    mimics: [
      'A node that was restarted as an attempt at a cure: what it did wrong before is in the journal of the earlier boot.',
    ],
    cure: 'Collect before restarting a node that is in trouble; keep the journal on disk (Storage=persistent).',
    title: ({ node, minutesSinceBoot }) =>
      minutesSinceBoot === undefined
        ? `The journal of ${node} threw lines away`
        : `${node} started ${minutesSinceBoot} minutes before it was collected`,
    summary: ({ node, minutesSinceBoot, suppressedLines }) =>
      [
        minutesSinceBoot === undefined
          ? undefined
          : `${node} had been up for ${minutesSinceBoot} minutes: its counters and tables show no more than that.`,
        suppressedLines === 0
          ? undefined
          : `The journal threw away ${formatCount(suppressedLines)} lines because too many came at once; what they said is not known.`,
      ]
        .filter((sentence) => sentence !== undefined)
        .join(' '),
    ruledOut: () => [],
    remedy: () => [
      {
        text: 'Let the node run until the trouble shows again, then collect.',
        commands: ['sudo sh collect.sh'],
      },
      {
        text: 'Keep journals over a restart.',
        commands: ['mkdir -p /var/log/journal && systemctl restart systemd-journald'],
      },
    ],
    verify: () => [
      {
        text: 'The journal reaches back before the trouble.',
        commands: ['journalctl --list-boots | tail -n 3'],
      },
    ],
    reasons: {},
    notes: {
      uptime: () => 'seconds since the kernel started',
      suppressed: () => 'lines that were not written',
    },
  },
}
