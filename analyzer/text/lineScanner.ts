import { BYTE_ORDER_MARK_BYTES, encodingOf } from './byteOrderMark.ts'
import type { LineScanner, LineSink } from './lineSink.ts'
import { utf16Lines } from './utf16Lines.ts'
import { utf8Lines } from './utf8Lines.ts'

/**
 * Bytes → lines. A line ends in `\n`, or `\r\n`; the byte lengths of all lines add up to the bytes pushed. UTF-8, or
 * UTF-16 where a byte order mark says so; what cannot be decoded becomes U+FFFD; NUL is a character like any other.
 */
export function scanLines(sink: LineSink): LineScanner {
  let head = new Uint8Array(0)
  let scanner: LineScanner | undefined
  const start = (first: Uint8Array): LineScanner => {
    const encoding = encodingOf(first)
    const started = encoding === 'utf-8' ? utf8Lines(sink) : utf16Lines(encoding, sink)
    started.push(first)
    return started
  }
  return {
    push(piece) {
      if (scanner !== undefined) return scanner.push(piece)
      const joined = new Uint8Array(head.length + piece.length)
      joined.set(head)
      joined.set(piece, head.length)
      if (joined.length < BYTE_ORDER_MARK_BYTES) head = joined
      else scanner = start(joined)
    },
    end() {
      scanner ??= start(head)
      scanner.end()
    },
  }
}
