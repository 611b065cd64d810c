import { detach } from '../text/detach.ts'
import type { Line } from '../text/line.ts'
import type { LineParser } from './parser.ts'

const MOST_LINES = 20_000

/**
 * Any text, kept line by line: for sources that are only shown or searched. Blank lines are not kept. The first 20,000
 * lines are; those beyond count as unread.
 */
export const lines: LineParser<readonly Line[]> = {
  kind: 'lines',
  start() {
    const kept: Line[] = []
    return {
      line(text, number) {
        if (text.trim() === '') return true
        if (kept.length >= MOST_LINES) return false
        kept.push({ number, text: detach(text) })
        return true
      },
      end: () => kept,
    }
  },
}
