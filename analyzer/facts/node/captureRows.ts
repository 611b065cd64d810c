import { available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import type { SourceRow } from '../../bundle/bundle.ts'

/** What became of one file of the bundle, and a way to cite it as a whole. */
export interface CaptureRow extends SourceRow {
  readonly origin: Evidence
}

/** Every file of a node's bundle, and every capture that was not made. */
export const captureRows = defineNodeFact({
  name: 'list of captures',
  needs: {},
  compute: (_, node) =>
    available(
      node.bundle.sources.map((row): CaptureRow => ({
        ...row,
        origin: { bundle: node.id, path: row.path, line: 0, text: row.status },
      })),
    ),
})
