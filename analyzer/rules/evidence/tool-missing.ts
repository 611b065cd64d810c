import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { found } from '../../engine/verdict.ts'
import { captureRows } from '../../facts/node/captureRows.ts'
import { text } from './tool-missing.text.ts'

/** What every Linux node can show, by sources.ts. */
const EXPECTED = new Set([
  'ip-addr',
  'ip-link',
  'ip-route',
  'ip-rule',
  'ip-neigh',
  'ss-listen',
  'iptables-save',
])

/** Tools without which a part of the node stays unknown. */
export default defineRule({
  id: 'tool-missing',
  area: 'evidence',
  severity: 'low',
  references: [{ title: 'docs/bundle-format.md: the statuses of the manifest' }],
  needs: { captureRows },
  text,
  check({ captureRows }, node) {
    const absent = captureRows.filter(({ source, status }) => EXPECTED.has(source) && status === 'absent')
    if (absent.length === 0) return []
    return found(
      { node: node.id, paths: absent.map(({ path }) => path) },
      {
        subject: 'tools',
        confidence: 'certain',
        evidence: absent.map(({ origin }) => withNote(origin, 'absent')),
      },
    )
  },
})
