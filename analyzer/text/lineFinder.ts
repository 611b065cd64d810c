import { detach } from './detach.ts'
import type { Line } from './line.ts'

/** Evidence needs to be read by people: of a longer line, as of a JSON text without line breaks, this many characters are shown. */
const SHOWN_CHARACTERS = 300

/** A place in a text. */
export interface Place {
  readonly line: Line
  /** Counted from 1, in UTF-16 units. */
  readonly column: number
}

/**
 * Finds the line in which an offset lies. Of a line longer than 300 characters the text is what stands from the offset on.
 * Asked in ascending order it reads the text once.
 */
export function lineFinder(text: string): (offset: number) => Place {
  let number = 1
  let start = 0
  let end = endOfLine(text, 0)
  return (offset) => {
    if (offset < start) {
      number = 1
      start = 0
      end = endOfLine(text, 0)
    }
    while (end < offset && end < text.length) {
      number += 1
      start = end + 1
      end = endOfLine(text, start)
    }
    return { line: { number, text: shown(text, start, end, offset) }, column: offset - start + 1 }
  }
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start)
  return end === -1 ? text.length : end
}

function shown(text: string, start: number, end: number, offset: number): string {
  const stop = text[end - 1] === '\r' && end > start ? end - 1 : end
  const from = stop - start > SHOWN_CHARACTERS ? Math.min(offset, stop) : start
  return detach(text.slice(from, Math.min(stop, from + SHOWN_CHARACTERS)))
}
