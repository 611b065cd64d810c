import type { Pool } from '../figure.ts'
import type { ReportWords } from '../words.ts'
import { ROW_HEIGHT, bar, clipEnd, drawnRows, notDrawn, rowWords } from './barRow.ts'
import { type Html, html } from './html.ts'
import { nodeLabels } from './nodeLabels.ts'

/** From here on a pool is about to run out (the rule host-local-address-leak takes the same share). */
const NEARLY_FULL = 0.9

/** Host-local pools: how much of each is reserved, and how much of that for nobody. */
export function poolUse(pools: readonly Pool[], words: ReportWords['figures']): Html {
  const labelOf = nodeLabels(pools.map(({ node }) => node))
  const drawn = drawnRows(pools, ({ used, capacity }) => used / capacity)
  const told = pools.map((pool) => `${pool.node} ${pool.subnet}: ${useOf(pool, words)}`)
  return html`<figure class="chart">
    <figcaption>${words.poolsCaption}</figcaption>
    <svg
      width="100%"
      height="${drawn.length * ROW_HEIGHT}"
      role="img"
      aria-labelledby="pools-title pools-desc"
    >
      <title id="pools-title">${words.pools}</title>
      <desc id="pools-desc">${told.join('; ')}</desc>
      ${drawn.map((pool, index) => row(pool, labelOf(pool.node), index, words))}
    </svg>
    ${notDrawn(pools.length - drawn.length, words.morePools)}
  </figure>`
}

function row(pool: Pool, label: string, index: number, words: ReportWords['figures']): Html {
  const { used, leaked = 0 } = pool
  const capacity = Math.max(1, pool.capacity)
  const name = `${clipEnd(label, 14)} ${clipEnd(pool.subnet, 18)}`
  const line = rowWords(index, name, useOf(pool, words), kindOf(pool))
  const track = bar(index, 0, 1, 'track')
  if (leaked === 0) return html`${line}${track}${bar(index, 0, used / capacity, kindOf(pool))}`
  const alive = (used - leaked) / capacity
  return html`${line}${track}${bar(index, 0, alive, 'plain')}${bar(index, alive, used / capacity, 'bad')}`
}

function kindOf({ used, capacity, leaked = 0 }: Pool): string {
  if (leaked > 0 || used >= capacity) return 'bad'
  return used >= NEARLY_FULL * capacity ? 'warn' : 'plain'
}

function useOf({ used, capacity, leaked = 0 }: Pool, words: ReportWords['figures']): string {
  return words.poolUse(used, capacity, leaked)
}
