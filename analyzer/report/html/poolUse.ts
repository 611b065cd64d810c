import { formatCount } from '../../text/formatCount.ts'
import type { Pool } from '../figure.ts'
import { ROW_HEIGHT, barTop, lastCharacters, percent, rowWords } from './barRow.ts'
import { type Html, html } from './html.ts'

/** Host-local pools: how much of each is reserved, and how much of that for nobody. */
export function poolUse(pools: readonly Pool[]): Html {
  return html`<figure class="chart">
    <figcaption>Address pools: reserved of available</figcaption>
    <svg
      width="100%"
      height="${pools.length * ROW_HEIGHT}"
      role="img"
      aria-labelledby="pools-title pools-desc"
    >
      <title id="pools-title">Address pool use</title>
      <desc id="pools-desc">${pools.map((pool) => `${nameOf(pool)}: ${useOf(pool)}`).join('; ')}</desc>
      ${pools.map((pool, index) => {
        const { used, capacity, leaked = 0 } = pool
        const state = used >= capacity ? 'bad' : used >= 0.9 * capacity ? 'warn' : 'plain'
        const y = barTop(index)
        const alive = percent((used - leaked) / capacity)
        return html`${rowWords(index, lastCharacters(nameOf(pool), 34), useOf(pool), leaked > 0 ? 'bad' : state)}<rect
            class="track"
            x="0"
            y="${y}"
            width="100%"
            height="8"
          /><rect
            class="${state}"
            x="0"
            y="${y}"
            width="${alive}"
            height="8"
          />${leaked > 0 ? html`<rect class="leaked" x="${alive}" y="${y}" width="${percent(leaked / capacity)}" height="8" />` : undefined} `
      })}
    </svg>
  </figure>`
}

function nameOf({ node, subnet }: Pool): string {
  return `${node} ${subnet}`
}

function useOf({ used, capacity, leaked = 0 }: Pool): string {
  const use = `${formatCount(used)} of ${formatCount(capacity)}`
  return leaked > 0 ? `${use}, ${formatCount(leaked)} leaked` : use
}
