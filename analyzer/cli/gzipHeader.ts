/** The header of a gzip member (RFC 1952, §2.3): how many bytes it has, or why there is none. */
export type GzipHeader = { readonly bytes: number } | 'incomplete' | 'not-gzip'

const FIXED_BYTES = 10
const DEFLATE = 8
const HEADER_CHECKSUM = 2
const EXTRA = 4
const NAME = 8
const COMMENT = 16
const RESERVED = 0xe0

/** Finds the end of a gzip header; a header checksum is passed over, as gzip itself does. */
export function gzipHeader(bytes: Uint8Array): GzipHeader {
  const [id1, id2, method, flags] = bytes
  if (id1 !== undefined && id1 !== 0x1f) return 'not-gzip'
  if (id2 !== undefined && id2 !== 0x8b) return 'not-gzip'
  if (method !== undefined && method !== DEFLATE) return 'not-gzip'
  if (flags !== undefined && (flags & RESERVED) !== 0) return 'not-gzip'
  if (flags === undefined || bytes.length < FIXED_BYTES) return 'incomplete'
  let at = FIXED_BYTES
  if ((flags & EXTRA) !== 0) at += 2 + (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0)
  for (const flag of [NAME, COMMENT]) {
    if ((flags & flag) === 0) continue
    const end = bytes.indexOf(0, at)
    if (end < 0) return 'incomplete'
    at = end + 1
  }
  if ((flags & HEADER_CHECKSUM) !== 0) at += 2
  return at <= bytes.length ? { bytes: at } : 'incomplete'
}
