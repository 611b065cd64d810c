import { goQuoted } from '../text/goQuoted.ts'
import { jsonFields, textField } from '../text/jsonFields.ts'
import {
  type Timestamp,
  goLogTime,
  isoTime,
  kernelTime,
  klogTime,
  logrusTime,
  zapTime,
} from '../text/timestamps.ts'

/** A message taken out of the format its component writes. */
export interface EmbeddedRecord {
  /** The component's own time. */
  readonly stamp?: Timestamp
  readonly message: string
}

const CRI = / std(?:out|err) [FP] /y
const CAPNSLOG = / [CEWNIDT] \| /y
const CALICO = / \[[A-Z]{4,8}\]\[\d{1,10}(?:\/\d{1,10})?\] /y
const LOGRUS_LEVEL = / level=\w{1,10}(?= )/y
/** Fields of a zap entry that say nothing of the matter. */
const ZAP_FRAME = new Set(['level', 'ts', 'time', 'caller', 'logger', 'msg', 'stacktrace'])

type Unwrap = (message: string) => EmbeddedRecord | undefined

/** Formats may stand in each other: docker's JSON around klog, CRI around zap. */
const MAX_DEPTH = 3

/**
 * Takes off what a component and its runtime put around a message: klog, logrus, zap JSON, capnslog (etcd before 3.4), Calico,
 * Go's log package, CRI log files, docker's json-file, printk's own stamp. A message in none of these comes back as it is.
 */
export function embeddedRecord(text: string): EmbeddedRecord {
  let message = text
  let stamp: Timestamp | undefined
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const record = unwrapOnce(message)
    if (!record) break
    stamp ??= record.stamp
    message = record.message
  }
  return stamp ? { stamp, message } : { message }
}

function unwrapOnce(message: string): EmbeddedRecord | undefined {
  for (const unwrap of unwrapsByFirst(message.charAt(0))) {
    const record = unwrap(message)
    if (record) return record
  }
  return undefined
}

function unwrapsByFirst(first: string): readonly Unwrap[] {
  if (first === '{') return [fromJson]
  if (first === '[') return [fromPrintk]
  if (first >= '0' && first <= '9') return [fromIso, fromGoLog]
  if (first === 't') return [fromLogrus]
  return [fromKlog, fromGoLog]
}

const fromKlog: Unwrap = (message) => behind(klogTime(message), message)

const fromPrintk: Unwrap = (message) => behind(kernelTime(message), message)

const fromGoLog: Unwrap = (message) => behind(goLogTime(message), message)

const fromIso: Unwrap = (message) => {
  const stamp = isoTime(message)
  if (!stamp) return undefined
  for (const frame of [CRI, CAPNSLOG, CALICO]) {
    frame.lastIndex = stamp.end
    if (frame.test(message)) return { stamp, message: message.slice(frame.lastIndex) }
  }
  return behind(stamp, message)
}

/** `time="…" level=error msg="…" error="…"`: what `msg` holds, then the other fields as they stand. */
const fromLogrus: Unwrap = (message) => {
  const stamp = logrusTime(message)
  if (!stamp) return undefined
  LOGRUS_LEVEL.lastIndex = stamp.end
  const rest = message.slice(LOGRUS_LEVEL.test(message) ? LOGRUS_LEVEL.lastIndex : stamp.end).trimStart()
  const quoted = rest.startsWith('msg=') ? goQuoted(rest, 4) : undefined
  return { stamp, message: quoted ? quoted.content + rest.slice(quoted.end) : rest }
}

/** Docker's `{"log":…,"stream":…,"time":…}`, or a zap entry: its `msg`, then the other fields as `name=value`. */
const fromJson: Unwrap = (message) => {
  const fields = jsonFields(message)
  if (!fields) return undefined
  const log = textField(fields, 'log')
  if (log !== undefined) return withStamp(zapTime(fields.get('time')), log.trimEnd())
  const msg = textField(fields, 'msg')
  if (msg === undefined) return undefined
  const others = [...fields].filter(([name]) => !ZAP_FRAME.has(name))
  const words = others.map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return withStamp(zapTime(fields.get('ts') ?? fields.get('time')), [msg, ...words].join(' '))
}

function behind(stamp: Timestamp | undefined, message: string): EmbeddedRecord | undefined {
  return stamp && { stamp, message: message.slice(stamp.end).trimStart() }
}

function withStamp(stamp: Timestamp | undefined, message: string): EmbeddedRecord {
  return stamp ? { stamp, message } : { message }
}
