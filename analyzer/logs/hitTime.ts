import { type ClockAnchor, anchoredTimeMs } from '../text/wallTime.ts'
import type { LogHit } from './logEntry.ts'

/** What a bundle knows of its node's clock and boot. */
export interface LogAnchor extends ClockAnchor {
  /** UTC, in milliseconds since 1970: the collection less the uptime. Absent: not known. */
  readonly bootedAtMs?: number
}

/**
 * When a line was logged, in milliseconds since 1970 (UTC): by its own stamp; with year and zone of the bundle where the stamp
 * lacks them; by the node's boot for a kernel line. Undefined where none of these tells.
 */
export function hitTimeMs(hit: LogHit, anchor: LogAnchor): number | undefined {
  if (hit.timeMs !== undefined) return hit.timeMs
  const walled = hit.wallTime && anchoredTimeMs(hit.wallTime, anchor)
  if (walled !== undefined) return walled
  if (hit.bootOffsetSeconds === undefined || anchor.bootedAtMs === undefined) return undefined
  return anchor.bootedAtMs + hit.bootOffsetSeconds * 1000
}
