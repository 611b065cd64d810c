import type { Clock } from './clock.ts'
import type { LoggedLine } from './logSignals.ts'

const HOUR_MS = 3_600_000

/** The last of them is of the hour before the capture; without times nobody can tell, and it is not. */
export function isRecent(lines: readonly LoggedLine[], clock: Clock | undefined): boolean {
  const last = lines.findLast(({ timeMs }) => timeMs !== undefined)?.timeMs
  return clock !== undefined && last !== undefined && clock.collectedAtMs - last < HOUR_MS
}
