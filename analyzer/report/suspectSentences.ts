import type { Finding } from '../engine/outcome.ts'
import type { ReportWords } from './words.ts'

/** Of reasons for not having looked, so many are told. */
const REASONS = 3

/**
 * What a report says of a symptom that nothing in it explains: that no cause was found, what could not be looked for and is to be
 * collected, and what was looked for in vain. Empty for every other finding.
 */
export function suspectSentences({ suspects }: Finding, { suspicion }: ReportWords): readonly string[] {
  if (suspects === undefined) return []
  const blind = suspects.filter(({ state }) => state === 'unchecked')
  const clear = suspects.filter(({ state }) => state === 'clear')
  return [
    suspicion.noCause,
    ...blind.slice(0, REASONS).map(({ name, reason = '' }) => suspicion.notLooked(name, reason)),
    ...(blind.length > REASONS ? [suspicion.notLookedMore(blind.length - REASONS)] : []),
    ...(blind.length > 0 ? [suspicion.collect] : []),
    ...(clear.length > 0 ? [suspicion.notThere(clear.map(({ name }) => name))] : []),
  ]
}
