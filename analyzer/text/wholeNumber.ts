/**
 * A number written with decimal digits alone, of at most 20 digits (a 64-bit counter). Counters beyond 2^53 lose their
 * last digits, which no rule looks at. Undefined for anything else.
 */
export function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,20}$/.test(text) ? Number(text) : undefined
}

/** A number in hexadecimal, with or without `0x`, of at most 16 digits. Undefined for anything else. */
export function hexNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^(?:0x)?[0-9a-f]{1,16}$/i.test(text)) return undefined
  return parseInt(text, 16)
}
