import type { LineParser } from '../parsers/parser.ts'
import { detach } from '../text/detach.ts'
import type { Line } from '../text/line.ts'

const KEPT = 50

/** The standard error of a command: its first lines, which tell what went wrong, are put into `kept`; the rest repeats it. */
export function firstLines(kept: Line[]): LineParser<null> {
  return {
    kind: 'lines',
    start: () => ({
      line(text, number) {
        if (kept.length < KEPT) kept.push({ number, text: detach(text) })
        return true
      },
      end: () => null,
    }),
  }
}
