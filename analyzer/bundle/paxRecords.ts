import type { Sentence } from '../engine/language.ts'
import { says } from './sentences.ts'

/** What is read of the records of a PAX header. */
export interface PaxRecords {
  readonly path?: string
  readonly sizeBytes?: number
  /** GNU tar's `GNU.sparse.…`: the entry holds a map and the pieces of a file with holes. */
  readonly sparse: boolean
  /** Null where every record could be read. */
  readonly fault: Sentence | null
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
const SPACE = 0x20
const LF = 0x0a

/**
 * Reads the body of a PAX extended header (POSIX.1-2017 pax, "pax Extended Header"), records of `<length> <key>=<value>\n`
 * such as `30 mtime=1763676300.123456789\n`. Records before a bad one count; a later record of a key replaces an earlier one.
 */
export function readPaxRecords(body: Uint8Array, maxKeys: number): PaxRecords {
  const known: { path?: string; sizeBytes?: number; sparse: boolean } = { sparse: false }
  let keys = 0
  let from = 0
  while (from < body.length) {
    const record = recordAt(body, from)
    if (record === null) return { ...known, fault: says.paxRecordLength }
    keys += 1
    if (keys > maxKeys) return { ...known, fault: says.paxRecordCount(maxKeys) }
    from = record.end
    const { key, value } = record
    if (key.startsWith('GNU.sparse.')) known.sparse = true
    if ((key === 'path' || key === 'GNU.sparse.name') && value.includes('\0')) {
      return { ...known, fault: says.paxPathWithNul }
    }
    if (key === 'GNU.sparse.name' || (key === 'path' && !known.sparse)) known.path = value
    if (key === 'size') {
      const size = /^\d{1,16}$/.test(value) ? Number(value) : NaN
      if (!Number.isSafeInteger(size)) return { ...known, fault: says.paxSize }
      known.sizeBytes = size
    }
  }
  return { ...known, fault: null }
}

/** The record at an offset, with the offset of the next. */
function recordAt(body: Uint8Array, from: number): { key: string; value: string; end: number } | null {
  const space = body.subarray(from, from + 7).indexOf(SPACE)
  const digits = utf8.decode(body.subarray(from, from + Math.max(space, 0)))
  if (!/^\d+$/.test(digits)) return null
  const end = from + Number(digits)
  if (end <= from + space + 1 || end > body.length || body[end - 1] !== LF) return null
  const text = utf8.decode(body.subarray(from + space + 1, end - 1))
  const equals = text.indexOf('=')
  return equals < 1 ? null : { key: text.slice(0, equals), value: text.slice(equals + 1), end }
}
