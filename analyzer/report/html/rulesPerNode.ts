import { formatCount } from '../../text/formatCount.ts'
import type { RuleBar } from '../figure.ts'
import { counted } from '../words.ts'
import { ROW_HEIGHT, barTop, lastCharacters, percent, rowWords } from './barRow.ts'
import { type Html, html } from './html.ts'

/** iptables rules of each node as bars on one linear scale, so that a node out of line stands out. */
export function rulesPerNode(bars: readonly RuleBar[]): Html {
  const largest = Math.max(1, ...bars.map(({ count }) => count))
  const words = bars.map(({ node, count }) => `${node} ${formatCount(count)}`).join(', ')
  return html`<figure class="chart">
    <figcaption>iptables rules per node</figcaption>
    <svg
      width="100%"
      height="${bars.length * ROW_HEIGHT}"
      role="img"
      aria-labelledby="rules-title rules-desc"
    >
      <title id="rules-title">iptables rules per node</title>
      <desc id="rules-desc">${words}</desc>
      ${bars.map(({ node, count, outlier }, index) => {
        const value = outlier ? `${counted(count, 'rule')}, far from its peers` : counted(count, 'rule')
        const state = outlier ? 'bad' : 'plain'
        return html`${rowWords(index, lastCharacters(node, 28), value, state)}<rect
            class="track"
            x="0"
            y="${barTop(index)}"
            width="100%"
            height="8"
          /><rect
            class="${state}"
            x="0"
            y="${barTop(index)}"
            width="${percent(Math.max(0.002, count / largest))}"
            height="8"
          /> `
      })}
    </svg>
  </figure>`
}
