import type { Line } from '../text/line.ts'
import type { WallTime } from '../text/wallTime.ts'
import type { SignalId } from './signals.ts'

/** A log line that holds a signal. */
export interface LogHit {
  readonly signal: SignalId
  /** Named groups of the signal's pattern that took part in the match. */
  readonly groups: ReadonlyMap<string, string>
  /** UTC, in milliseconds since 1970, where the line alone tells it. */
  readonly timeMs?: number
  /** What the line shows of the time where it lacks its year or zone; see `anchoredTimeMs`. */
  readonly wallTime?: WallTime
  /** Seconds since boot, of a kernel line or of `journalctl -o short-monotonic`. */
  readonly bootOffsetSeconds?: number
  /** Syslog identifier: `kubelet`, `kernel`, `k3s`. */
  readonly identifier?: string
  /** systemd unit, where the format tells (`-o json`). */
  readonly unit?: string
  /** What the component wrote, without prefixes of the log, with escaped quotes made bare. */
  readonly message: string
  /** The whole line, cut to 2,000 characters. */
  readonly line: Line
}

/** All the lines of one signal: how many, the first ten and the last ten. */
export interface SignalHits {
  /** Lines, with those counted that syslog folded into `message repeated N times`. */
  readonly count: number
  /** Sum of the pattern's group `count`; 0 for signals without one. */
  readonly reportedCount: number
  readonly first: readonly LogHit[]
  /** The ten newest in the order of the file; shares its hits with `first` where there are few. */
  readonly last: readonly LogHit[]
}

/** A line that journalctl puts between the entries. */
export interface JournalMarker {
  readonly kind: 'boot' | 'reboot' | 'begin' | 'no-entries'
  /** 32 hexadecimal digits, where it tells. */
  readonly bootId?: string
  readonly line: Line
}

/** What is kept of a log. */
export interface LogExtract {
  readonly hits: ReadonlyMap<SignalId, SignalHits>
  readonly lineCount: number
  /** Time of the first line that tells one in full, in milliseconds since 1970 (UTC). */
  readonly firstTimeMs?: number
  /** Time of the last line that tells one in full. */
  readonly lastTimeMs?: number
  /** Of a log whose stamps lack year or zone: the first and the last; see `anchoredTimeMs`. */
  readonly firstWallTime?: WallTime
  readonly lastWallTime?: WallTime
  /** Of a kernel log: seconds since boot of the first and of the last line. */
  readonly firstBootSeconds?: number
  readonly lastBootSeconds?: number
  /** The first hundred. */
  readonly markers: readonly JournalMarker[]
}
