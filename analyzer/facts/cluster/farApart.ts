/** Captures that lie further apart than this (ten minutes) may show a cluster before and after a change. */
export const FAR_APART_MS = 600_000

/** Does that hold for the first and the last of these times (milliseconds since 1970)? Without two of them it does not. */
export function isFarApart(timesMs: readonly number[]): boolean {
  return Math.max(...timesMs) - Math.min(...timesMs) > FAR_APART_MS
}
