import { type LineScanner, type LineSink, MAX_LINE_BYTES } from './lineSink.ts'

const UNIT_BYTES = 2
const MARK_BYTES = 2
const MAX_LINE_UNITS = MAX_LINE_BYTES / UNIT_BYTES

/** Lines of a UTF-16 text that starts with a byte order mark. Each decoded unit, U+FFFD too, stands for two bytes. */
export function utf16Lines(encoding: 'utf-16le' | 'utf-16be', sink: LineSink): LineScanner {
  const decoder = new TextDecoder(encoding)
  let number = 0
  let pushedBytes = 0
  let emittedBytes = 0
  let open = ''
  let openUnits = 0
  let endsInReturn = false

  const add = (text: string): void => {
    if (text === '') return
    open += text.slice(0, MAX_LINE_UNITS - open.length)
    openUnits += text.length
    endsInReturn = text.endsWith('\r')
  }

  const emit = (byteLength: number): void => {
    const contentUnits = openUnits - (endsInReturn ? 1 : 0)
    const text = open.slice(0, contentUnits)
    number += 1
    emittedBytes += byteLength
    open = ''
    openUnits = 0
    endsInReturn = false
    sink(text, number, byteLength, (contentUnits - text.length) * UNIT_BYTES)
  }

  const addLines = (text: string): void => {
    let from = 0
    for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
      add(text.slice(from, to))
      emit((number === 0 ? MARK_BYTES : 0) + (openUnits + 1) * UNIT_BYTES)
      from = to + 1
    }
    add(text.slice(from))
  }

  return {
    push(piece) {
      pushedBytes += piece.length
      addLines(decoder.decode(piece, { stream: true }))
    },
    end() {
      addLines(decoder.decode())
      // What is left and not counted in units: an odd last byte, which decodes to one unit, or a mark without a text.
      if (pushedBytes > emittedBytes) emit(pushedBytes - emittedBytes)
    },
  }
}
