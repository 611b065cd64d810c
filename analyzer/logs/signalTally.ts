import { detach } from '../text/detach.ts'
import { bareQuotes } from '../text/goQuoted.ts'
import type { LogHit, SignalHits } from './logEntry.ts'
import { type LogKind, type LogRecord, logRecord } from './logRecord.ts'
import type { Signal } from './signals.ts'

/** Kept of each end of a signal's lines. */
const KEPT = 10
/** Characters of a line that evidence shows. */
const LINE_LIMIT = 2000

/** A line that holds a signal, not yet taken apart. */
export interface SignalLine {
  readonly text: string
  readonly number: number
  /** For an indented line of a longer message: the line that message begins with. */
  readonly head?: string
}

/** Counts the lines of one signal and keeps the first and the last of them. */
export interface SignalTally {
  readonly add: (line: SignalLine, match: RegExpExecArray) => void
  readonly end: () => SignalHits
}

const REPEATED = /message repeated (\d{1,9}) times: \[ /

/** A tally of one signal; `kind` decides how its lines are taken apart in the end. */
export function signalTally(signal: Signal, kind: LogKind): SignalTally {
  const first: SignalLine[] = []
  const last: SignalLine[] = []
  let added = 0
  let count = 0
  let reportedCount = 0

  const add = (line: SignalLine, match: RegExpExecArray): void => {
    count += Number(REPEATED.exec(line.text)?.[1] ?? 1)
    reportedCount += Number(match.groups?.['count'] ?? 0)
    const { text, number, head } = line
    const kept = { text: detach(text), number, ...(head === undefined ? {} : { head: detach(head) }) }
    if (added < KEPT) first.push(kept)
    last[added % KEPT] = kept
    added++
  }

  const end = (): SignalHits => {
    const hits = new Map<SignalLine, LogHit>()
    const hitOf = (kept: SignalLine): LogHit => {
      const hit = hits.get(kept) ?? toHit(signal, kept, kind)
      hits.set(kept, hit)
      return hit
    }
    const oldest = added % KEPT
    const inOrder = added <= KEPT ? last : [...last.slice(oldest), ...last.slice(0, oldest)]
    return { count, reportedCount, first: first.map(hitOf), last: inOrder.map(hitOf) }
  }
  return { add, end }
}

/**
 * The text of a line in which signals are sought: the line with escaped quotes made bare; of a JSON entry the message alone,
 * for its other fields (its command line) may hold a signal's words as well.
 */
export function soughtText(text: string, kind: LogKind): string {
  return text.startsWith('{') ? logRecord(text, kind).message : bareQuotes(text)
}

/** Only the lines that are kept in the end are matched once more for their groups: a signal may come a million times. */
function groupsOf(signal: Signal, kept: SignalLine, kind: LogKind): ReadonlyMap<string, string> {
  const groups = new Map<string, string>()
  const match = signal.pattern.exec(soughtText(kept.text, kind))
  for (const [name, value] of Object.entries(match?.groups ?? {})) {
    // A group that took no part in the match is undefined, whatever the library's type says.
    if (typeof value === 'string') groups.set(name, value)
  }
  return groups
}

function toHit(signal: Signal, kept: SignalLine, kind: LogKind): LogHit {
  const record = recordOf(kept, kind)
  return {
    signal: signal.id,
    groups: groupsOf(signal, kept, kind),
    ...(record.epochMs === undefined ? {} : { timeMs: record.epochMs }),
    ...(record.epochMs === undefined && record.wall !== undefined ? { wallTime: record.wall } : {}),
    ...(record.bootSeconds === undefined ? {} : { bootOffsetSeconds: record.bootSeconds }),
    ...(record.identifier === undefined ? {} : { identifier: record.identifier }),
    ...(record.unit === undefined ? {} : { unit: record.unit }),
    message: record.message,
    line: { number: kept.number, text: detach(kept.text.slice(0, LINE_LIMIT)) },
  }
}

function recordOf(kept: SignalLine, kind: LogKind): LogRecord {
  if (kept.head === undefined) return logRecord(kept.text, kind)
  return { ...logRecord(kept.head, kind), message: logRecord(kept.text.trim(), kind).message }
}
