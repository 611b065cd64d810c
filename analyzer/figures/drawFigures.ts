import type { ClusterScope } from '../engine/scope.ts'
import type { Figure } from '../report/figure.ts'
import { certificateLifetimes } from './certificateLifetimes.ts'
import { poolUse } from './poolUse.ts'
import { rulesPerNode } from './rulesPerNode.ts'

/** The figures of a case; one that has nothing to show is left out. */
export function drawFigures(cluster: ClusterScope): readonly Figure[] {
  return FIGURES.map((draw) => draw(cluster)).filter((figure) => figure !== undefined)
}

/** In the order of the report. */
const FIGURES: readonly ((cluster: ClusterScope) => Figure | undefined)[] = [
  rulesPerNode,
  certificateLifetimes,
  poolUse,
]
