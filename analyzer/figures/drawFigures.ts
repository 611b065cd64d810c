import type { Language } from '../engine/language.ts'
import type { Outcome } from '../engine/outcome.ts'
import type { ClusterScope } from '../engine/scope.ts'
import { wordBroken } from '../engine/words.ts'
import type { Figure } from '../report/figure.ts'
import { messageOf } from '../text/messageOf.ts'
import { certificateLifetimes } from './certificateLifetimes.ts'
import { poolUse } from './poolUse.ts'
import { rulesPerNode } from './rulesPerNode.ts'

/** By the name that a figure which cannot be drawn is told under; in the order of the report. */
const FIGURES: ReadonlyMap<string, (cluster: ClusterScope) => Figure | undefined> = new Map([
  ['figure-rules-per-node', rulesPerNode],
  ['figure-certificate-lifetimes', certificateLifetimes],
  ['figure-pool-use', poolUse],
])

/** The figures of a case, and an outcome for each that failed on content it should have survived. */
export interface DrawnFigures {
  readonly figures: readonly Figure[]
  readonly broken: readonly Outcome[]
}

/** Draws the figures that have something to show. One that throws costs the others nothing. */
export function drawFigures(cluster: ClusterScope, language: Language): DrawnFigures {
  const figures: Figure[] = []
  const broken: Outcome[] = []
  for (const [name, draw] of FIGURES) {
    try {
      const figure = draw(cluster)
      if (figure !== undefined) figures.push(figure)
    } catch (error) {
      const reason = wordBroken(messageOf(error), language)
      broken.push({ rule: name, id: name, area: 'evidence', nodes: [], state: 'broken', reason })
    }
  }
  return { figures, broken }
}
