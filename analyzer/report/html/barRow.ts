import { type Html, html } from './html.ts'

/** Height of one row of a figure, in CSS pixels: a line of words and a bar below it. */
export const ROW_HEIGHT = 38

/** A share of the width, for SVG attributes; whatever is out of range, or no number, is brought back into it. */
export function percent(share: number): string {
  const within = Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0
  return `${(within * 100).toFixed(2)}%`
}

/** Words at the left and right end of a row, with room for a bar under them; `label` is kept short by the caller. */
export function rowWords(index: number, label: string, value: string, valueClass: string): Html {
  const baseline = index * ROW_HEIGHT + 14
  return html`<text x="0" y="${baseline}">${label}</text
    ><text x="100%" y="${baseline}" text-anchor="end" class="${valueClass}">${value}</text>`
}

/** Where the bar of a row begins, downwards, in CSS pixels. */
const BAR_TOP = 20
const BAR_HEIGHT = 8

/** A part of a row's bar, from one share of the width to another; too small a part is still seen. */
export function bar(index: number, from: number, to: number, kind: string): Html {
  const width = Math.max(0.003, to - from)
  const y = index * ROW_HEIGHT + BAR_TOP
  return html`<rect
    class="${kind}"
    x="${percent(Math.min(from, 1 - width))}"
    y="${y}"
    width="${percent(width)}"
    height="${BAR_HEIGHT}"
  />`
}

/** A stroke across a row's bar. */
export function tick(index: number, at: number): Html {
  const y = index * ROW_HEIGHT + BAR_TOP
  return html`<line
    class="now"
    x1="${percent(at)}"
    x2="${percent(at)}"
    y1="${y - 3}"
    y2="${y + BAR_HEIGHT + 3}"
  />`
}

/** The beginning of a text that is too long for a row. */
export function clipEnd(text: string, maxCharacters: number): string {
  const characters = Array.from(text)
  return characters.length <= maxCharacters ? text : `${characters.slice(0, maxCharacters - 1).join('')}…`
}

/** The end of a text that is too long for a row. */
export function clipStart(text: string, maxCharacters: number): string {
  const characters = Array.from(text)
  return characters.length <= maxCharacters ? text : `…${characters.slice(1 - maxCharacters).join('')}`
}

/** More rows than this are a table, not a picture. */
const MOST_ROWS = 16

/** The rows that are drawn: all in their order where they fit, else those that weigh most. */
export function drawnRows<T>(rows: readonly T[], weight: (row: T) => number): readonly T[] {
  if (rows.length <= MOST_ROWS) return rows
  return rows.toSorted((a, b) => weight(b) - weight(a)).slice(0, MOST_ROWS)
}

/** Says how many rows are not drawn. */
export function notDrawn(count: number, say: (count: number) => string): Html | undefined {
  return count > 0 ? html`<p class="of">${say(count)}</p>` : undefined
}
