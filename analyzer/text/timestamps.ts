import { type WallTime, wallTimeMs } from './wallTime.ts'

/** A time stamp at the head of a text. */
export interface Timestamp {
  /** Milliseconds since 1970 in UTC, where the stamp alone tells it. */
  readonly epochMs?: number
  /** The date and time as written; absent for stamps that count seconds. */
  readonly wall?: WallTime
  /** Seconds since boot. */
  readonly bootSeconds?: number
  /** Where the stamp ends in the text. */
  readonly end: number
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const ISO = /(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?/y
const SYSLOG = /([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?= )/y
const LOCALIZED = /(\d{1,2})月 {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?= )/y
const FULL = /\S{1,12} (\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? ([^\s—]{1,6})/y
const CTIME = /\[[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})\]/y
const UNIX = /(\d{9,11})\.(\d{1,9})(?= )/y
const BOOT = /\[ *(\d{1,10})\.(\d{1,9})\]/y
const KLOG = /[IWEF](\d\d)(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{1,9}) +\d+ [^\s\]]{1,200}\] ?/y
const GO_LOG = /(?:[A-Z]{4,7}: )?(\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?/y
const ZONE = /^([+-])(\d\d):?(\d\d)?$/

/**
 * RFC 3339 and its relatives: `2026-11-21T00:31:01.414798+0000` (journalctl -o short-iso-precise), `…+08:00` (since systemd 255),
 * `…Z` (containerd, CRI), `2020-07-19 06:19:39.767` (capnslog, Calico: zone of the process).
 */
export function isoTime(text: string, at = 0): Timestamp | undefined {
  const match = matchAt(ISO, text, at)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second, fraction, zone] = match
  return fromParts({ year, month, day, hour, minute, second, fraction, zone }, ISO.lastIndex)
}

/** `Nov 21 00:31:01` of syslog and `journalctl -o short`, with a fraction under -o short-precise. No year, no zone. */
export function journalTime(text: string): Timestamp | undefined {
  const match = matchAt(SYSLOG, text, 0)
  if (!match) return localizedTime(text)
  const [, name = '', day, hour, minute, second, fraction] = match
  return fromParts({ month: monthOf(name), day, hour, minute, second, fraction }, SYSLOG.lastIndex)
}

/** `4月 01 17:28:05`, as journalctl prints under zh_CN and ja_JP. */
function localizedTime(text: string): Timestamp | undefined {
  const match = matchAt(LOCALIZED, text, 0)
  if (!match) return undefined
  const [, month, day, hour, minute, second, fraction] = match
  return fromParts({ month, day, hour, minute, second, fraction }, LOCALIZED.lastIndex)
}

/** `Sat 2026-11-21 00:31:01 UTC` of `journalctl -o short-full`. A zone by name other than UTC is not known here. */
export function journalFullTime(text: string): Timestamp | undefined {
  const match = matchAt(FULL, text, 0)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second, fraction, zone] = match
  return fromParts({ year, month, day, hour, minute, second, fraction, zone }, FULL.lastIndex)
}

/** `1795221061.414798` of `journalctl -o short-unix`. */
export function unixTime(text: string): Timestamp | undefined {
  const match = matchAt(UNIX, text, 0)
  if (!match) return undefined
  return { epochMs: Number(match[1]) * 1000 + fractionMs(match[2]), end: UNIX.lastIndex }
}

/** `[ 2296.282567]` of dmesg and of `journalctl -o short-monotonic`. */
export function kernelTime(text: string, at = 0): Timestamp | undefined {
  const match = matchAt(BOOT, text, at)
  if (!match) return undefined
  return { bootSeconds: Number(`${match[1] ?? ''}.${match[2] ?? ''}`), end: BOOT.lastIndex }
}

/** `[Fri May 30 05:41:33 2025]` of `dmesg -T`: zone of the node, and wrong by the time it was suspended (dmesg(1)). */
export function kernelWallTime(text: string): Timestamp | undefined {
  const match = matchAt(CTIME, text, 0)
  if (!match) return undefined
  const [, name = '', day, hour, minute, second, year] = match
  return fromParts({ year, month: monthOf(name), day, hour, minute, second }, CTIME.lastIndex)
}

/** The head of a klog line, up to its message: `E0420 16:32:57.962067    4333 controller.go:187] `. No year, no zone. */
export function klogTime(text: string, at = 0): Timestamp | undefined {
  const match = matchAt(KLOG, text, at)
  if (!match) return undefined
  const [, month, day, hour, minute, second, fraction] = match
  return fromParts({ month, day, hour, minute, second, fraction }, KLOG.lastIndex)
}

/** `2026/11/21 00:31:27` of Go's own log package, a level before it or not (`WARNING: …`, grpc). Zone of the process. */
export function goLogTime(text: string, at = 0): Timestamp | undefined {
  const match = matchAt(GO_LOG, text, at)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second, fraction] = match
  return fromParts({ year, month, day, hour, minute, second, fraction }, GO_LOG.lastIndex)
}

/** The first `time="…"` of a logrus line (text formatter), or one without quotes; `end` is behind it. */
export function logrusTime(text: string, at = 0): Timestamp | undefined {
  if (!text.startsWith('time=', at)) return undefined
  const quoted = text.charCodeAt(at + 5) === 0x22
  const stamp = isoTime(text, quoted ? at + 6 : at + 5)
  return stamp && { ...stamp, end: quoted ? stamp.end + 1 : stamp.end }
}

/** The value of zap's `ts`: ISO text (`2026-11-21T00:08:24.028Z`), or seconds since 1970 as a number. */
export function zapTime(value: unknown): Timestamp | undefined {
  if (typeof value === 'string') return isoTime(value)
  if (typeof value !== 'number' || !(value > 0 && value < 1e11)) return undefined
  return { epochMs: Math.round(value * 1000), end: 0 }
}

interface Parts {
  readonly year?: string | undefined
  readonly month: string | undefined
  readonly day: string | undefined
  readonly hour: string | undefined
  readonly minute: string | undefined
  readonly second: string | undefined
  readonly fraction?: string | undefined
  readonly zone?: string | undefined
}

function fromParts(parts: Parts, end: number): Timestamp | undefined {
  const month = Number(parts.month)
  const day = Number(parts.day)
  const [hour, minute, second] = [Number(parts.hour), Number(parts.minute), Number(parts.second)]
  // A leap second is written :60 (RFC 3339).
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second <= 60))
    return undefined
  const offsetMinutes = offsetOf(parts.zone)
  const wall: WallTime = {
    ...(parts.year === undefined ? {} : { year: Number(parts.year) }),
    month,
    day,
    msOfDay: ((hour * 60 + minute) * 60 + second) * 1000 + fractionMs(parts.fraction),
    ...(offsetMinutes === undefined ? {} : { offsetMinutes }),
  }
  const epochMs = wallTimeMs(wall)
  return { ...(epochMs === undefined ? {} : { epochMs }), wall, end }
}

function offsetOf(zone: string | undefined): number | undefined {
  if (zone === undefined) return undefined
  if (zone === 'Z' || zone === 'UTC' || zone === 'GMT') return 0
  const match = ZONE.exec(zone)
  if (!match) return undefined
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? '0')
  return match[1] === '-' ? 0 - minutes : minutes
}

function monthOf(name: string): string {
  return String(MONTHS.indexOf(name) + 1)
}

function fractionMs(digits: string | undefined): number {
  return digits === undefined ? 0 : Number(`0.${digits}`) * 1000
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}
