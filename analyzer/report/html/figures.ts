import type { Figure } from '../figure.ts'
import type { ReportWords } from '../words.ts'
import { certificateLifetimes } from './certificateLifetimes.ts'
import { type Html, html } from './html.ts'
import { poolUse } from './poolUse.ts'
import { rulesPerNode } from './rulesPerNode.ts'

/** The pictures of the case; none, no section. */
export function renderFigures(figures: readonly Figure[], words: ReportWords): Html | undefined {
  const drawn = figures.flatMap((figure) => draw(figure, words) ?? [])
  if (drawn.length === 0) return undefined
  return html`<section aria-labelledby="figures">
    <h2 id="figures">${words.sections.figures}</h2>
    ${drawn}
  </section>`
}

function draw(figure: Figure, { figures: words }: ReportWords): Html | undefined {
  switch (figure.kind) {
    case 'rules-per-node':
      return figure.bars.length > 0 ? rulesPerNode(figure.bars, words) : undefined
    case 'certificate-lifetimes':
      return figure.spans.length > 0 ? certificateLifetimes(figure.judgedAt, figure.spans, words) : undefined
    case 'pool-use':
      return figure.pools.length > 0 ? poolUse(figure.pools, words) : undefined
  }
}
