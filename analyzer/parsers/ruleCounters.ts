/** How often a rule, or the policy of a chain, met a packet. */
export interface RuleCounters {
  readonly packets: number
  readonly bytes: number
}

/** Of a dump that was made without `-c`. */
export const NO_COUNTERS: RuleCounters = { packets: 0, bytes: 0 }

const ZERO = 48
const OPENING_BRACKET = 91
const CLOSING_BRACKET = 93

/** `[12:720]`, from the beginning of the text up to `end`; undefined for anything else. */
export function readCounters(text: string, end: number): RuleCounters | undefined {
  const colon = text.indexOf(':')
  if (text.charCodeAt(0) !== OPENING_BRACKET || text.charCodeAt(end - 1) !== CLOSING_BRACKET) return undefined
  const packets = readDigits(text, 1, colon)
  const bytes = readDigits(text, colon + 1, end - 1)
  if (packets === undefined || bytes === undefined) return undefined
  return { packets, bytes }
}

/** The number written in [start, end); undefined where there is none. No slice, no regex: it runs twice a rule. */
function readDigits(text: string, start: number, end: number): number | undefined {
  if (end <= start) return undefined
  let value = 0
  for (let index = start; index < end; index += 1) {
    const digit = text.charCodeAt(index) - ZERO
    if (digit < 0 || digit > 9) return undefined
    value = value * 10 + digit
  }
  return value
}
