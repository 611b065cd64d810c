import type { Line } from '../text/line.ts'

/** A text that is not at all what it should be is shown by its first lines. */
const MAX_LINES = 1000

/** The first 1,000 lines of a text that hold something, for a text that could not be read as a whole. */
export function unreadLines(text: string): readonly Line[] {
  const unread: Line[] = []
  let number = 0
  let start = 0
  while (start < text.length && unread.length < MAX_LINES) {
    const next = text.indexOf('\n', start)
    const end = next === -1 ? text.length : next
    const line = text.slice(start, text[end - 1] === '\r' ? end - 1 : end)
    number += 1
    start = end + 1
    if (line.trim() !== '') unread.push({ number, text: line })
  }
  return unread
}
