import { formatCount } from '../../text/formatCount.ts'
import type { RuleBar } from '../figure.ts'
import { counted } from '../words.ts'
import { ROW_HEIGHT, bar, clipEnd, drawnRows, notDrawn, rowWords } from './barRow.ts'
import { type Html, html } from './html.ts'
import { nodeLabels } from './nodeLabels.ts'

/** iptables rules of each node as bars on one linear scale, so that a node out of line stands out. */
export function rulesPerNode(bars: readonly RuleBar[]): Html {
  const labelOf = nodeLabels(bars.map(({ node }) => node))
  const drawn = drawnRows(bars, ({ count }) => count)
  const largest = Math.max(1, ...drawn.map(({ count }) => count))
  const words = bars.map(({ node, count }) => `${node} ${formatCount(count)}`).join(', ')
  return html`<figure class="chart">
    <figcaption>iptables rules per node</figcaption>
    <svg
      width="100%"
      height="${drawn.length * ROW_HEIGHT}"
      role="img"
      aria-labelledby="rules-title rules-desc"
    >
      <title id="rules-title">iptables rules per node</title>
      <desc id="rules-desc">${words}</desc>
      ${drawn.map((it, index) => row(it, labelOf(it.node), index, largest))}
    </svg>
    ${notDrawn(bars.length - drawn.length, 'nodes with fewer rules')}
  </figure>`
}

function row({ count, outlier }: RuleBar, label: string, index: number, largest: number): Html {
  const kind = outlier ? 'bad' : 'plain'
  const value = outlier ? `${counted(count, 'rule')}, far from its peers` : counted(count, 'rule')
  return html`${rowWords(index, clipEnd(label, 18), value, kind)}${bar(index, 0, 1, 'track')}${bar(index, 0, count / largest, kind)}`
}
