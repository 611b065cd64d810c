import type { Line } from '../text/line.ts'
import { textLines } from '../text/textLines.ts'

/** A text that is not at all what it should be is shown by its first lines. */
const MAX_LINES = 1000

/** The first 1,000 lines of a text that hold something, for a text that could not be read as a whole. */
export function unreadLines(text: string): readonly Line[] {
  const unread: Line[] = []
  for (const line of textLines(text)) {
    if (unread.length === MAX_LINES) break
    if (line.text.trim() !== '') unread.push(line)
  }
  return unread
}
