import type { RuleTexts } from '../../engine/ruleText.ts'

/** Bundles of one case were not made at one time. */
export interface CapturesFarApart {
  readonly first: string
  readonly last: string
  readonly minutes: number
}

type Reason = 'alone'
type Note = 'first' | 'last'

/** The words of captures-far-apart. */
export const text: RuleTexts<CapturesFarApart, Reason, Note> = {
  en: {
    name: 'The bundles were made far apart in time',
    looksFor: 'The times at which the collectors started, each by its own node’s clock.',
    why: 'Nodes are compared with each other. Rules, endpoints and neighbours change within minutes; what differs between captures of different times need not differ between the nodes.',
    mimics: ['Clocks that are wrong: two captures made together then look far apart.'],
    cure: 'Collect on all nodes within a few minutes.',
    title: ({ minutes }) => `The bundles were made ${span(minutes)} apart`,
    summary: ({ first, last, minutes }) =>
      `${first} was collected ${span(minutes)} before ${last}, by their own clocks. Differences between them may be differences in time.`,
    ruledOut: () => [],
    remedy: () => [
      { text: 'Collect again, on all nodes within ten minutes.', commands: ['sudo sh collect.sh'] },
    ],
    verify: () => [{ text: 'The clocks of the nodes agree.', commands: ['date -u +%s'] }],
    reasons: { alone: 'There is one bundle only, or the bundles do not tell their times.' },
    notes: { first: () => 'the first', last: () => 'the last' },
  },
}

function span(minutes: number): string {
  if (minutes < 120) return `${minutes} minutes`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`
}
