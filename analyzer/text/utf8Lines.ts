import { type LineScanner, type LineSink, MAX_LINE_BYTES } from './lineSink.ts'

const LF = 0x0a
const CR = 0x0d

/**
 * Lines of a UTF-8 text. A whole piece is decoded at once and cut in the string, which is several times faster than
 * decoding line by line. The bytes of a line follow from the string where the piece decodes to as many UTF-16 units as it
 * has bytes: no UTF-8 sequence, valid or not, gives more units than it has bytes, so then each byte is one unit.
 */
export function utf8Lines(sink: LineSink): LineScanner {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const open = openLine()
  let number = 0

  const emit = (text: string, byteLength: number, droppedBytes: number): void => {
    number += 1
    sink(number === 1 && text.startsWith('\uFEFF') ? text.slice(1) : text, number, byteLength, droppedBytes)
  }

  /** One line's bytes, its line end left out. */
  const emitBytes = (content: Uint8Array, byteLength: number): void => {
    const kept =
      content.length <= MAX_LINE_BYTES
        ? content
        : content.subarray(0, characterBorder(content, MAX_LINE_BYTES))
    emit(decoder.decode(kept), byteLength, content.length - kept.length)
  }

  const emitEachByte = (lines: Uint8Array): void => {
    let from = 0
    while (from < lines.length) {
      const to = lines.indexOf(LF, from)
      const end = to > from && lines[to - 1] === CR ? to - 1 : to
      emitBytes(lines.subarray(from, end), to + 1 - from)
      from = to + 1
    }
  }

  /** Several lines, each with its `\n`. */
  const emitLines = (lines: Uint8Array): void => {
    const text = decoder.decode(lines)
    if (text.length !== lines.length) return emitEachByte(lines)
    let from = 0
    while (from < text.length) {
      const to = text.indexOf('\n', from)
      const end = to > from && text.charCodeAt(to - 1) === CR ? to - 1 : to
      const kept = Math.min(end, from + MAX_LINE_BYTES)
      emit(text.slice(from, kept), to + 1 - from, end - kept)
      from = to + 1
    }
  }

  const closeOpen = (endBytes: number): void => {
    const { content, contentBytes, carriageReturn } = open.take()
    const kept =
      content.length < contentBytes ? content.subarray(0, characterBorder(content, content.length)) : content
    emit(decoder.decode(kept), contentBytes + carriageReturn + endBytes, contentBytes - kept.length)
  }

  return {
    push(piece) {
      const first = piece.indexOf(LF)
      if (first < 0) return open.add(piece)
      const last = piece.lastIndexOf(LF)
      let from = 0
      if (open.isOpen()) {
        open.add(piece.subarray(0, first))
        closeOpen(1)
        from = first + 1
      }
      if (from <= last) emitLines(piece.subarray(from, last + 1))
      open.add(piece.subarray(last + 1))
    },
    end() {
      if (open.isOpen()) closeOpen(0)
    },
  }
}

/** The beginning of a line whose end has not come yet: at most `MAX_LINE_BYTES` of it and one are held. */
function openLine() {
  let held = new Uint8Array(1024)
  let total = 0
  let lastByte = 0
  return {
    isOpen: () => total > 0,
    add(bytes: Uint8Array): void {
      if (bytes.length === 0) return
      const heldBytes = Math.min(total, MAX_LINE_BYTES)
      const taken = bytes.subarray(0, MAX_LINE_BYTES - heldBytes)
      if (heldBytes + taken.length > held.length) {
        const grown = new Uint8Array(Math.min(MAX_LINE_BYTES, 2 * (heldBytes + taken.length)))
        grown.set(held.subarray(0, heldBytes))
        held = grown
      }
      held.set(taken, heldBytes)
      total += bytes.length
      lastByte = bytes[bytes.length - 1] ?? 0
    },
    take(): { content: Uint8Array; contentBytes: number; carriageReturn: number } {
      const carriageReturn = lastByte === CR ? 1 : 0
      const contentBytes = total - carriageReturn
      total = 0
      return {
        content: held.subarray(0, Math.min(contentBytes, MAX_LINE_BYTES)),
        contentBytes,
        carriageReturn,
      }
    },
  }
}

/** The greatest index up to `limit` at which cutting leaves no UTF-8 sequence in two, where the bytes are UTF-8. */
function characterBorder(bytes: Uint8Array, limit: number): number {
  const lead = lastLead(bytes, limit)
  if (lead < 0) return limit
  const byte = bytes[lead] ?? 0
  const width = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
  return lead + width > limit ? lead : limit
}

/** Where the last sequence before `limit` starts, at most three continuation bytes back; -1 where none does. */
function lastLead(bytes: Uint8Array, limit: number): number {
  for (let index = limit - 1; index >= Math.max(0, limit - 4); index -= 1) {
    if (((bytes[index] ?? 0) & 0xc0) !== 0x80) return index
  }
  return -1
}
