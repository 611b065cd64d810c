const UNIT_SECONDS = new Map([
  ['h', 3600],
  ['m', 60],
  ['s', 1],
  ['ms', 1e-3],
  ['µs', 1e-6],
  ['ns', 1e-9],
])

/** Seconds of a duration as Go's time.Duration prints it: `8m0.640985013s`, `502.906µs`. Undefined for anything else. */
export function goDurationSeconds(text: string): number | undefined {
  if (!/^(?:\d{1,15}(?:\.\d{1,12})?(?:h|ms|m|µs|ns|s)){1,3}$/.test(text)) return undefined
  let seconds = 0
  for (const [, number, unit = ''] of text.matchAll(/(\d{1,15}(?:\.\d{1,12})?)(h|ms|m|µs|ns|s)/g)) {
    seconds += Number(number) * (UNIT_SECONDS.get(unit) ?? 0)
  }
  return seconds
}
