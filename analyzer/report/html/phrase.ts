import { chineseRuns } from '../../text/chineseRuns.ts'
import { type Html, html } from './html.ts'

/** Longer words may break: on a telephone they would not fit. */
const LONGEST_UNBROKEN = 16

/** Prose in which names such as `node-1` are not broken at their hyphen. */
export function phrase(text: string): Html {
  const runs = chineseRuns(text).map((run) => {
    const isName = run.includes('-') && run.length <= LONGEST_UNBROKEN
    return isName ? html`<span class="name">${run}</span>` : run
  })
  return html`${runs}`
}
