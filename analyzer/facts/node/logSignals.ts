import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, type Shortfall, available, unavailable } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { CONFIDENCES, type Confidence } from '../../engine/outcome.ts'
import { hitTimeMs } from '../../logs/hitTime.ts'
import type { LogExtract, LogHit } from '../../logs/logEntry.ts'
import type { SignalId } from '../../logs/signals.ts'
import { captured } from '../../sources/captured.ts'
import { type Clock, clock } from './clock.ts'

const DAY_MS = 86_400_000
/** Clocks step at boot before time is synchronised; a line this little before the boot is of this boot. */
const BOOT_TOLERANCE_MS = 60_000

/** A log line that holds a signal, on the node's own time. */
export interface LoggedLine {
  readonly groups: ReadonlyMap<string, string>
  readonly message: string
  /** UTC, in milliseconds since 1970; left out where line and bundle do not tell. */
  readonly timeMs?: number
  /** It is of an earlier boot, or more than a day older than the capture: it may be history. */
  readonly old: boolean
  readonly origin: Evidence
}

/** All that the node's logs say of one signal. */
export interface LoggedSignal {
  /** Lines in all logs together. */
  readonly count: number
  /** The first and last lines of each log, oldest first where times are known. */
  readonly lines: readonly LoggedLine[]
}

/** What the node's logs hold, by signal. */
export interface LogSignals {
  /** Undefined where no captured log has such a line; that is no proof that it was never logged. */
  readonly of: (signal: SignalId) => LoggedSignal | undefined
}

/** The signals of the kernel log and of all journals of a node; unavailable where none of them was captured. */
export const logSignals = defineNodeFact({
  name: 'log signals',
  needs: { journals: captured.journals },
  wants: { kernelLog: captured.kernelLog, clock },
  compute({ journals, kernelLog, clock }, node): Availability<LogSignals> {
    const kernel = kernelLog === undefined ? [] : [kernelLog]
    if (journals.length === 0 && kernel.length === 0) {
      const missing: Shortfall = {
        code: 'not-captured',
        node: node.id,
        what: { en: 'any journal or kernel log', zh: 'journal 或内核日志' },
      }
      return unavailable(missing)
    }
    const logs = [...kernel, ...journals]
    return available({ of: (signal) => signalIn(logs, signal, clock) })
  },
})

function signalIn(
  logs: readonly Capture<LogExtract>[],
  signal: SignalId,
  clock: Clock | undefined,
): LoggedSignal | undefined {
  let count = 0
  const lines: LoggedLine[] = []
  for (const log of logs) {
    const hits = log.value.hits.get(signal)
    if (hits === undefined) continue
    count += hits.count
    const kept = new Map([...hits.first, ...hits.last].map((hit) => [hit.line.number, hit]))
    for (const hit of kept.values()) lines.push(loggedLine(log, hit, clock))
  }
  if (count === 0) return undefined
  return { count, lines: lines.toSorted((a, b) => (a.timeMs ?? 0) - (b.timeMs ?? 0)) }
}

function loggedLine(log: Capture<LogExtract>, hit: LogHit, clock: Clock | undefined): LoggedLine {
  const timeMs = timeOf(hit, clock)
  const line = {
    groups: hit.groups,
    message: hit.message,
    old: isOld(timeMs, clock),
    origin: log.cite(hit.line),
  }
  return timeMs === undefined ? line : { ...line, timeMs }
}

/** A stamp without a zone is taken as UTC: the collector asks for `--utc`, and Kubernetes' own images run in it. */
function timeOf(hit: LogHit, clock: Clock | undefined): number | undefined {
  return clock === undefined ? hit.timeMs : hitTimeMs(hit, { ...clock, zoneOffsetMinutes: 0 })
}

function isOld(timeMs: number | undefined, clock: Clock | undefined): boolean {
  if (timeMs === undefined || clock === undefined) return false
  if (clock.bootedAtMs !== undefined && timeMs < clock.bootedAtMs - BOOT_TOLERANCE_MS) return true
  return timeMs < clock.collectedAtMs - DAY_MS
}

/** The confidence that rests on these lines: one step less where all of them are old. */
export function confidenceFromLog(confidence: Confidence, lines: readonly LoggedLine[]): Confidence {
  if (lines.some(({ old }) => !old)) return confidence
  return CONFIDENCES[CONFIDENCES.indexOf(confidence) + 1] ?? 'possible'
}
