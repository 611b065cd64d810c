import type { BundleInfo } from '../bundle/bundle.ts'
import { AREAS, type Area, type Outcome } from '../engine/outcome.ts'
import type { ExplainedFinding, NumberedFinding } from './explainedFindings.ts'

/**
 * What the rules of one area say of one node. `partly`: nothing was found, but not every check could be made. `nothing`: no
 * rule of the area ran for the node.
 */
export type CellState = 'found' | 'partly' | 'unchecked' | 'clear' | 'not-applicable' | 'nothing'

/** One node, one area. */
export interface Cell {
  readonly node: string
  readonly state: CellState
  readonly findings: readonly NumberedFinding[]
  readonly clear: number
  readonly unchecked: number
}

/** Areas that any rule spoke of, each with a cell for every bundle. */
export interface Matrix {
  readonly nodes: readonly string[]
  readonly rows: readonly { readonly area: Area; readonly cells: readonly Cell[] }[]
}

/** Lays outcomes out by area and node. A finding counts for every node that it concerns. */
export function buildMatrix(
  bundles: readonly BundleInfo[],
  explained: readonly ExplainedFinding[],
  outcomes: readonly Outcome[],
): Matrix {
  const nodes = bundles.map(({ id }) => id)
  const findings = explained.flatMap((cause) => [cause, ...cause.effects])
  const rows = AREAS.filter((area) => outcomes.some((outcome) => outcome.area === area)).map((area) => {
    const ofArea = outcomes.filter((outcome) => outcome.area === area)
    return { area, cells: nodes.map((node) => cell(area, node, findings, ofArea)) }
  })
  return { nodes, rows }
}

function cell(area: Area, node: string, all: readonly NumberedFinding[], ofArea: readonly Outcome[]): Cell {
  const findings = all.filter(({ finding }) => finding.area === area && finding.nodes.includes(node))
  const own = ofArea.filter(({ nodes }) => nodes.includes(node))
  const clear = own.filter(({ state }) => state === 'clear').length
  const unchecked = own.filter(({ state }) => state === 'unchecked' || state === 'broken').length
  return { node, state: cellState(findings.length, clear, unchecked, own.length), findings, clear, unchecked }
}

function cellState(found: number, clear: number, unchecked: number, all: number): CellState {
  if (found > 0) return 'found'
  if (unchecked > 0) return clear > 0 ? 'partly' : 'unchecked'
  if (clear > 0) return 'clear'
  return all > 0 ? 'not-applicable' : 'nothing'
}
