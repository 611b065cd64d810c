import { formatCount } from '../../text/formatCount.ts'
import type { RuleBar } from '../figure.ts'
import type { ReportWords } from '../words.ts'
import { ROW_HEIGHT, bar, clipEnd, drawnRows, notDrawn, rowWords } from './barRow.ts'
import { type Html, html } from './html.ts'
import { nodeLabels } from './nodeLabels.ts'

/** iptables rules of each node as bars on one linear scale, so that a node out of line stands out. */
export function rulesPerNode(bars: readonly RuleBar[], words: ReportWords['figures']): Html {
  const labelOf = nodeLabels(bars.map(({ node }) => node))
  const drawn = drawnRows(bars, ({ count }) => count)
  const largest = Math.max(1, ...drawn.map(({ count }) => count))
  const told = bars.map(({ node, count }) => `${node} ${formatCount(count)}`).join(', ')
  return html`<figure class="chart">
    <figcaption>${words.rulesPerNode}</figcaption>
    <svg
      width="100%"
      height="${drawn.length * ROW_HEIGHT}"
      role="img"
      aria-labelledby="rules-title rules-desc"
    >
      <title id="rules-title">${words.rulesPerNode}</title>
      <desc id="rules-desc">${told}</desc>
      ${drawn.map((it, index) => row(it, { label: labelOf(it.node), index, largest, words }))}
    </svg>
    ${notDrawn(bars.length - drawn.length, words.moreNodes)}
  </figure>`
}

interface Row {
  readonly label: string
  readonly index: number
  readonly largest: number
  readonly words: ReportWords['figures']
}

function row({ count, outlier }: RuleBar, { label, index, largest, words }: Row): Html {
  const kind = outlier ? 'bad' : 'plain'
  const value = words.rules(count, outlier)
  return html`${rowWords(index, clipEnd(label, 18), value, kind)}${bar(index, 0, 1, 'track')}${bar(index, 0, count / largest, kind)}`
}
