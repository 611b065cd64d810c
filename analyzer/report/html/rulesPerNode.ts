import { formatCount } from '../../text/formatCount.ts'
import type { RuleBar } from '../figure.ts'
import { counted } from '../words.ts'
import { ROW_HEIGHT, bar, lastCharacters, rowWords } from './barRow.ts'
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
      ${bars.map((it, index) => row(it, index, largest))}
    </svg>
  </figure>`
}

function row({ node, count, outlier }: RuleBar, index: number, largest: number): Html {
  const kind = outlier ? 'bad' : 'plain'
  const value = outlier ? `${counted(count, 'rule')}, far from its peers` : counted(count, 'rule')
  return html`${rowWords(index, lastCharacters(node, 24), value, kind)}${bar(index, 0, 1, 'track')}${bar(index, 0, count / largest, kind)}`
}
