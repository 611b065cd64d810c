import { type Html, type Insertable, html } from './html.ts'

/** Longer words may break: on a telephone they would not fit. */
const LONGEST_UNBROKEN = 16

/** Prose in which names such as `node-1` are not broken at their hyphen. */
export function phrase(text: string): Html {
  const words = text.split(' ').map((word): Insertable => {
    const isName = word.includes('-') && word.length <= LONGEST_UNBROKEN
    return isName ? html`<span class="name">${word}</span>` : word
  })
  return html`${words.flatMap((word, index) => (index === 0 ? [word] : [' ', word]))}`
}
