import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { found } from '../../engine/verdict.ts'
import { captureRows } from '../../facts/node/captureRows.ts'
import { captured } from '../../sources/captured.ts'
import { text } from './dump-truncated.text.ts'

/** Captures that stop before their end, on the node or in a dump that breaks off. */
export default defineRule({
  id: 'dump-truncated',
  area: 'evidence',
  severity: 'low',
  references: [{ title: 'docs/bundle-format.md: the statuses of the manifest' }],
  needs: { captureRows },
  wants: {
    iptables: captured.iptablesSave,
    legacy: captured.iptablesLegacySave,
    nft: captured.iptablesNftSave,
  },
  text,
  check({ captureRows, iptables, legacy, nft }, node) {
    const cut = captureRows.flatMap((row) => {
      if (row.status !== 'truncated' && row.status !== 'timeout') return []
      const capture = { path: row.path, why: row.status, droppedBytes: row.droppedOnNode }
      return [{ capture, citation: withNote(row.origin, row.status) }]
    })
    const endless = [iptables, legacy, nft].flatMap((dump) => {
      const table = dump && [...dump.value.tables.values()].find(({ committed }) => !committed)
      if (dump === undefined || table === undefined || dump.status !== 'ok') return []
      const capture = { path: dump.path, why: 'without-end' as const, droppedBytes: 0 }
      return [{ capture, citation: withNote(dump.cite(table.line), 'without-end') }]
    })
    const captures = [...cut, ...endless]
    if (captures.length === 0) return []
    return found(
      { node: node.id, captures: captures.map(({ capture }) => capture) },
      { subject: 'captures', confidence: 'certain', evidence: captures.map(({ citation }) => citation) },
    )
  },
})
