import { wholeNumber } from '../text/wholeNumber.ts'

/** How often a rule, or the policy of a chain, met a packet. */
export interface RuleCounters {
  readonly packets: number
  readonly bytes: number
}

/** Of a dump that was made without `-c`. */
export const NO_COUNTERS: RuleCounters = { packets: 0, bytes: 0 }

const OPENING_BRACKET = 91
const CLOSING_BRACKET = 93

/** `[12:720]`, from the beginning of the text up to `end`; undefined for anything else. */
export function readCounters(text: string, end: number): RuleCounters | undefined {
  const colon = text.indexOf(':')
  if (text.charCodeAt(0) !== OPENING_BRACKET || text.charCodeAt(end - 1) !== CLOSING_BRACKET) return undefined
  const packets = wholeNumber(text, 1, colon)
  const bytes = wholeNumber(text, colon + 1, end - 1)
  if (packets === undefined || bytes === undefined) return undefined
  return { packets, bytes }
}
