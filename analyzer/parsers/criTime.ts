import { type JsonValue, asString } from './jsonValue.ts'

/** A time of the CRI (nanoseconds since 1970, a string in JSON) in milliseconds; undefined for anything else and for 0. */
export function nanosecondsMs(value: JsonValue | undefined): number | undefined {
  const digits = asString(value) ?? ''
  if (!/^[1-9]\d{15,18}$/.test(digits)) return undefined
  return Number(digits.slice(0, -6))
}
