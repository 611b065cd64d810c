const ZERO = 0x30
const MAX_DIGITS = 20

/**
 * A number written with decimal digits alone, of at most 20 digits (a 64-bit counter), between two places of a text or in all of it.
 * Counters beyond 2^53 lose their last digits, which no rule looks at. Undefined for anything else. No slice, no regular expression:
 * it runs twice for each rule of a dump.
 */
export function wholeNumber(
  text: string | undefined,
  start = 0,
  end: number | undefined = text?.length,
): number | undefined {
  if (text === undefined || end === undefined || end <= start || end - start > MAX_DIGITS) return undefined
  let value = 0
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - ZERO
    if (!(digit >= 0 && digit <= 9)) return undefined
    value = value * 10 + digit
  }
  return value
}

/** A number in hexadecimal, with or without `0x`, of at most 16 digits. Undefined for anything else. */
export function hexNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^(?:0x)?[0-9a-f]{1,16}$/i.test(text)) return undefined
  return parseInt(text, 16)
}
