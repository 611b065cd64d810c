import { bareQuotes } from '../text/goQuoted.ts'
import {
  type Timestamp,
  isoTime,
  journalFullTime,
  journalTime,
  kernelTime,
  kernelWallTime,
  unixTime,
} from '../text/timestamps.ts'
import type { WallTime } from '../text/wallTime.ts'
import { embeddedRecord } from './embeddedRecord.ts'
import { journalJson } from './journalJson.ts'

/** Whose lines they are: `[ 12.3] ll header: …` is a host and an identifier in a journal, a message in a kernel log. */
export type LogKind = 'journal' | 'kernel'

/** One line of a log, taken apart. */
export interface LogRecord {
  readonly epochMs?: number
  readonly wall?: WallTime
  readonly bootSeconds?: number
  readonly identifier?: string
  readonly unit?: string
  /** What the component wrote, escaped quotes made bare. */
  readonly message: string
}

interface Outer {
  readonly stamp?: Timestamp
  readonly identifier?: string
  readonly message: string
}

/** ` host identifier[pid]: `; the identifier may hold spaces, the PID may be missing. */
const HEADER = / [^\s:]{1,255} ([^\s:=["]{1,64}(?: [^\s:=["]{1,64}){0,3})(?:\[\d{1,10}\])?:(?: |$)/y
const KERNEL_HEADER = / [^\s:]{1,255} (kernel): /y
/** `<4>` of dmesg -r, `kern  :warn  : ` of dmesg -x. */
const PRIORITY = /^(?:<\d{1,3}>|[a-z]{3,8} *:[a-z]{3,7} *: )/
/** A line of a CRI log file, which looks like a host and an identifier. */
const CRI = /^\d{4}-\d\d-\d\dT\S{9,30} std(?:out|err) [FP] /
/** `avril 01 17:28:05`: the names of months follow the locale of whoever ran journalctl. */
const FOREIGN_MONTH = /^[^\s\d[{]\S{1,15} {1,2}\d{1,2} \d\d:\d\d:\d\d(?= )/
/** An ISO stamp with a space between date and time belongs to a component, not to the journal. */
const ISO_T = /^\d{4}-\d\d-\d\dT/

/**
 * Takes a line apart: what the journal or syslog put before it (every `journalctl -o` form that is one line an entry, dmesg with
 * its options), then what the component put before its message. The inner time counts only where the outer form has none.
 */
export function logRecord(text: string, kind: LogKind): LogRecord {
  const line = withoutJsonFrame(text)
  const entry = line.startsWith('{') ? journalJson(line) : undefined
  const outer = entry ?? outerRecord(line, kind)
  const inner = embeddedRecord(outer.message)
  const message = bareQuotes(inner.message)
  if (entry?.epochMs !== undefined) return { ...entry, message }
  const stamp = 'stamp' in outer ? outer.stamp : undefined
  const dated = stamp?.epochMs !== undefined || stamp?.wall !== undefined ? stamp : inner.stamp
  const bootSeconds = stamp?.bootSeconds ?? inner.stamp?.bootSeconds ?? entry?.bootSeconds
  return {
    ...(dated?.epochMs === undefined ? {} : { epochMs: dated.epochMs }),
    ...(dated?.wall === undefined ? {} : { wall: dated.wall }),
    ...(bootSeconds === undefined ? {} : { bootSeconds }),
    ...(outer.identifier === undefined ? {} : { identifier: outer.identifier }),
    ...(entry?.unit === undefined ? {} : { unit: entry.unit }),
    message,
  }
}

function outerRecord(text: string, kind: LogKind): Outer {
  const line = kind === 'kernel' ? text.replace(PRIORITY, '') : text
  const stamp = outerStamp(line)
  if (CRI.test(line)) return { message: line }
  const end = stamp?.end ?? FOREIGN_MONTH.exec(line)?.[0].length
  if (end === undefined) return { message: line }
  const header = kind === 'kernel' && stamp?.bootSeconds !== undefined ? KERNEL_HEADER : HEADER
  header.lastIndex = end
  const identifier = header.exec(line)?.[1]
  if (identifier !== undefined) return { ...told(stamp), identifier, message: line.slice(header.lastIndex) }
  // No header: a component's own log file, whose form is found out by `embeddedRecord`.
  if (!stamp || ISO_T.test(line)) return { message: line }
  return { stamp, message: line.slice(end).trimStart() }
}

function told(stamp: Timestamp | undefined): Pick<Outer, 'stamp'> {
  return stamp ? { stamp } : {}
}

function outerStamp(line: string): Timestamp | undefined {
  const first = line.charAt(0)
  if (first === '[') return kernelTime(line) ?? kernelWallTime(line)
  if (ISO_T.test(line)) return isoTime(line)
  if (first >= '0' && first <= '9') return unixTime(line) ?? journalTime(line)
  return journalTime(line) ?? journalFullTime(line)
}

/** What `journalctl -o json-seq` (RFC 7464) and `-o json-sse` put before an object is taken off. */
function withoutJsonFrame(text: string): string {
  if (text.startsWith('\u001E{')) return text.slice(1)
  return text.startsWith('data: {') ? text.slice(6) : text
}
