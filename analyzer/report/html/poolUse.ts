import { formatCount } from '../../text/formatCount.ts'
import type { Pool } from '../figure.ts'
import { ROW_HEIGHT, bar, clipEnd, drawnRows, notDrawn, rowWords } from './barRow.ts'
import { type Html, html } from './html.ts'
import { nodeLabels } from './nodeLabels.ts'

/** From here on a pool is about to run out (the rule host-local-address-leak takes the same share). */
const NEARLY_FULL = 0.9

/** Host-local pools: how much of each is reserved, and how much of that for nobody. */
export function poolUse(pools: readonly Pool[]): Html {
  const labelOf = nodeLabels(pools.map(({ node }) => node))
  const drawn = drawnRows(pools, ({ used, capacity }) => used / capacity)
  const words = pools.map((pool) => `${pool.node} ${pool.subnet}: ${useOf(pool)}`).join('; ')
  return html`<figure class="chart">
    <figcaption>Address pools: how many addresses are reserved</figcaption>
    <svg
      width="100%"
      height="${drawn.length * ROW_HEIGHT}"
      role="img"
      aria-labelledby="pools-title pools-desc"
    >
      <title id="pools-title">Address pool use</title>
      <desc id="pools-desc">${words}</desc>
      ${drawn.map((pool, index) => row(pool, labelOf(pool.node), index))}
    </svg>
    ${notDrawn(pools.length - drawn.length, 'pools that are less full')}
  </figure>`
}

function row(pool: Pool, label: string, index: number): Html {
  const { used, leaked = 0 } = pool
  const capacity = Math.max(1, pool.capacity)
  const name = `${clipEnd(label, 14)} ${clipEnd(pool.subnet, 18)}`
  const words = rowWords(index, name, useOf(pool), kindOf(pool))
  const track = bar(index, 0, 1, 'track')
  if (leaked === 0) return html`${words}${track}${bar(index, 0, used / capacity, kindOf(pool))}`
  const alive = (used - leaked) / capacity
  return html`${words}${track}${bar(index, 0, alive, 'plain')}${bar(index, alive, used / capacity, 'bad')}`
}

function kindOf({ used, capacity, leaked = 0 }: Pool): string {
  if (leaked > 0 || used >= capacity) return 'bad'
  return used >= NEARLY_FULL * capacity ? 'warn' : 'plain'
}

function useOf({ used, capacity, leaked = 0 }: Pool): string {
  const use = `${formatCount(used)} of ${formatCount(capacity)}`
  return leaked > 0 ? `${use}, ${formatCount(leaked)} leaked` : use
}
