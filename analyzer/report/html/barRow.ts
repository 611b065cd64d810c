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
export function barTop(index: number): number {
  return index * ROW_HEIGHT + 20
}

/** The end of a text that is too long for a row, for the end of a path tells more than its beginning. */
export function lastCharacters(text: string, maxCharacters: number): string {
  const characters = [...text]
  return characters.length <= maxCharacters ? text : `…${characters.slice(1 - maxCharacters).join('')}`
}
