import type { RuleTexts } from '../../engine/ruleText.ts'

/** The collector ran as an ordinary user. */
export interface CollectorNotRoot {
  readonly node: string
  /** Undefined where the bundle does not tell. */
  readonly user: string | undefined
  /** Captures that were refused. */
  readonly denied: readonly string[]
}

type Note = 'denied'

/** The words of collector-not-root. */
export const text: RuleTexts<CollectorNotRoot, never, Note> = {
  en: {
    name: 'The collector did not run as root',
    looksFor: 'The user that the collector ran as, and captures that were denied to it.',
    why: 'Without root the kernel hides iptables and IPVS rules, the owners of sockets, and most files of the network plugins. What is missing is listed as not checked; it is not known to be sound.',
    mimics: [
      'A single file that even root may not read, on a network file system: named in the list of sources.',
    ],
    cure: 'Run the collector again as root.',
    title: ({ node, user }) =>
      `The collector ran as ${user ?? 'an unprivileged user'} on ${node}, not as root`,
    summary: ({ node, denied }) =>
      denied.length === 0
        ? `The bundle of ${node} was made without root, so that some captures show less than there is.`
        : `On ${node} ${denied.length} captures were denied: ${list(denied)}. Checks that need them could not be made.`,
    ruledOut: () => [],
    remedy: () => [{ text: 'Collect again with root’s rights.', commands: ['sudo sh collect.sh'] }],
    verify: () => [
      {
        text: 'The list of sources of the new report shows nothing as denied.',
        commands: ['coldcase analyze coldcase-*.tar.gz'],
      },
    ],
    reasons: {},
    notes: { denied: () => 'denied to the collector' },
  },
}

function list(paths: readonly string[]): string {
  const shown = paths.slice(0, 4).join(', ')
  return paths.length > 4 ? `${shown} and ${paths.length - 4} more` : shown
}
