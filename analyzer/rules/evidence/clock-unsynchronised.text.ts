import type { RuleTexts } from '../../engine/ruleText.ts'

/** The node's clock cannot be relied on. */
export interface ClockUnsynchronised {
  readonly node: string
  readonly state: 'unsynchronised' | 'stepped-back'
  /** How far it went back while the collector ran; 0 when unsynchronised. */
  readonly backSeconds: number
}

type Reason = 'untold'
type Note = 'ntp' | 'started' | 'finished'

/** The words of clock-unsynchronised. */
export const text: RuleTexts<ClockUnsynchronised, Reason, Note> = {
  en: {
    name: 'The clock of the node does not follow a time server',
    looksFor:
      'What the node says of its time synchronisation, and a clock that went back while the collector ran.',
    why: 'Everything in a bundle is judged by the node’s own clock: the validity of certificates, the age of log lines, the order of events on several nodes. A wrong clock also makes the node refuse certificates that are valid.',
    mimics: ['A node whose hypervisor keeps its clock right, without a time service of its own.'],
    cure: 'Let the node follow a time server that it can reach (chrony, systemd-timesyncd).',
    title: ({ node, state }) =>
      state === 'stepped-back'
        ? `The clock of ${node} went back while the collector ran`
        : `The clock of ${node} follows no time server`,
    summary: ({ node, state, backSeconds }) =>
      state === 'stepped-back'
        ? `On ${node} the collector ended ${backSeconds} seconds before it had started, by the node’s clock. Ages and validities in this bundle may be wrong by as much.`
        : `${node} says that its clock is not synchronised. Ages and validities in this bundle are judged by that clock.`,
    ruledOut: () => [],
    remedy: () => [
      {
        text: 'Set up time synchronisation.',
        commands: ['timedatectl set-ntp true', 'timedatectl timesync-status || chronyc tracking'],
      },
    ],
    verify: () => [{ text: 'The clock is synchronised.', commands: ['timedatectl show -p NTPSynchronized'] }],
    reasons: { untold: 'The bundle does not tell whether the clock is synchronised.' },
    notes: {
      ntp: () => 'not synchronised',
      started: () => 'when the collector started',
      finished: () => 'when it ended',
    },
  },
}
