import { detach } from '../text/detach.ts'
import type { LogHit, SignalHits } from './logEntry.ts'
import { type LogKind, type LogRecord, logRecord } from './logRecord.ts'
import type { SignalId } from './signals.ts'

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
export function signalTally(signal: SignalId, kind: LogKind): SignalTally {
  const first: KeptLine[] = []
  const last: KeptLine[] = []
  let added = 0
  let count = 0
  let reportedCount = 0

  const add = (line: SignalLine, match: RegExpExecArray): void => {
    count += Number(REPEATED.exec(line.text)?.[1] ?? 1)
    reportedCount += Number(match.groups?.['count'] ?? 0)
    const kept = keep(line, match)
    if (added < KEPT) first.push(kept)
    last[added % KEPT] = kept
    added++
  }

  const end = (): SignalHits => {
    const hits = new Map<KeptLine, LogHit>()
    const hitOf = (kept: KeptLine): LogHit => {
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

interface KeptLine extends SignalLine {
  readonly groups: ReadonlyMap<string, string>
}

function keep(line: SignalLine, match: RegExpExecArray): KeptLine {
  const groups = new Map<string, string>()
  for (const [name, value] of Object.entries(match.groups ?? {})) {
    // A group that took no part in the match is undefined, whatever the library's type says.
    if (typeof value === 'string') groups.set(name, detach(value))
  }
  const { text, number, head } = line
  return { text: detach(text), number, groups, ...(head === undefined ? {} : { head: detach(head) }) }
}

function toHit(signal: SignalId, kept: KeptLine, kind: LogKind): LogHit {
  const record = recordOf(kept, kind)
  return {
    signal,
    groups: kept.groups,
    ...(record.epochMs === undefined ? {} : { timeMs: record.epochMs }),
    ...(record.epochMs === undefined && record.wall !== undefined ? { wallTime: record.wall } : {}),
    ...(record.bootSeconds === undefined ? {} : { bootOffsetSeconds: record.bootSeconds }),
    ...(record.identifier === undefined ? {} : { identifier: record.identifier }),
    ...(record.unit === undefined ? {} : { unit: record.unit }),
    message: record.message,
    line: { number: kept.number, text: detach(kept.text.slice(0, LINE_LIMIT)) },
  }
}

function recordOf(kept: KeptLine, kind: LogKind): LogRecord {
  if (kept.head === undefined) return logRecord(kept.text, kind)
  return { ...logRecord(kept.head, kind), message: logRecord(kept.text.trim(), kind).message }
}
