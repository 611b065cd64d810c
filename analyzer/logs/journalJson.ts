import { jsonFields, textField } from '../text/jsonFields.ts'

/** An entry of `journalctl -o json`. */
export interface JournalJsonEntry {
  readonly epochMs?: number
  readonly bootSeconds?: number
  readonly identifier?: string
  readonly unit?: string
  readonly message: string
}

const MICROSECONDS = /^\d{1,18}$/

/**
 * One line of `journalctl -o json` (systemd.journal-fields(7)). MESSAGE is a string; a list of byte values where it is
 * no UTF-8; a list of strings where the field is there more than once; null where it was too long. Undefined for any
 * other line.
 */
export function journalJson(text: string): JournalJsonEntry | undefined {
  const fields = jsonFields(text)
  if (!fields || !(fields.has('__REALTIME_TIMESTAMP') || fields.has('MESSAGE'))) return undefined
  const realtime = microseconds(fields.get('__REALTIME_TIMESTAMP'))
  const monotonic = microseconds(fields.get('__MONOTONIC_TIMESTAMP'))
  const identifier = textField(fields, 'SYSLOG_IDENTIFIER') ?? textField(fields, '_COMM')
  const unit = textField(fields, '_SYSTEMD_UNIT')
  return {
    ...(realtime === undefined ? {} : { epochMs: realtime / 1000 }),
    ...(monotonic === undefined ? {} : { bootSeconds: monotonic / 1e6 }),
    ...(identifier === undefined ? {} : { identifier }),
    ...(unit === undefined ? {} : { unit }),
    message: messageOf(fields.get('MESSAGE')),
  }
}

/** The message is there as byte values, in which no keyword can be seen. */
export function hasByteMessage(text: string): boolean {
  return text.includes('"MESSAGE":[') || text.includes('"MESSAGE" : [')
}

function messageOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return ''
  const parts: unknown[] = value
  const texts = parts.filter((part) => typeof part === 'string')
  if (texts.length > 0) return texts.join('\n')
  const bytes = parts.filter((part) => typeof part === 'number')
  return new TextDecoder().decode(Uint8Array.from(bytes))
}

function microseconds(value: unknown): number | undefined {
  return typeof value === 'string' && MICROSECONDS.test(value) ? Number(value) : undefined
}
