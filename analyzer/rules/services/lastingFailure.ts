import type { Confidence } from '../../engine/outcome.ts'
import type { Clock } from '../../facts/node/clock.ts'
import type { LoggedLine } from '../../facts/node/logSignals.ts'

/** A failure that a component logs again and again, until the capture. */
export interface LastingFailure {
  readonly first: LoggedLine
  readonly last: LoggedLine
  /** `possible` where lines or bundle do not tell the time. */
  readonly confidence: Confidence
}

/** What fails is tried again within a minute: silence for longer is success. */
const OVER_MS = 300_000
const FEWEST_LINES = 3
/** A start of the API server, and an update under a lock, bring failures that end by themselves sooner. */
const SHORTEST_MS = 60_000

/** The failure that these lines, oldest first, tell of; undefined where it was short, or is over. */
export function lastingFailure(
  lines: readonly LoggedLine[],
  clock: Clock | undefined,
): LastingFailure | undefined {
  const [first] = lines
  const last = lines.at(-1)
  if (first === undefined || last === undefined || lines.length < FEWEST_LINES) return undefined
  if (first.timeMs === undefined || last.timeMs === undefined || clock === undefined) {
    return { first, last, confidence: 'possible' }
  }
  const isShort = last.timeMs - first.timeMs < SHORTEST_MS
  if (isShort || clock.collectedAtMs - last.timeMs > OVER_MS) return undefined
  return { first, last, confidence: 'likely' }
}
