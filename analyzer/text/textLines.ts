import type { Line } from './line.ts'

/** The lines of a text with their numbers, without line ends; a last line end starts no further line. */
export function* textLines(text: string): Iterable<Line> {
  let number = 0
  let start = 0
  while (start < text.length) {
    const next = text.indexOf('\n', start)
    const end = next === -1 ? text.length : next
    number += 1
    yield { number, text: text.slice(start, end > start && text[end - 1] === '\r' ? end - 1 : end) }
    start = end + 1
  }
}
