import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { clear, found } from '../../engine/verdict.ts'
import { captureRows } from '../../facts/node/captureRows.ts'
import { captured } from '../../sources/captured.ts'
import { text } from './collector-not-root.text.ts'

const CITED = 5

/** The bundle was made by an ordinary user: what is missing was hidden, not absent. */
export default defineRule({
  id: 'collector-not-root',
  area: 'evidence',
  severity: 'low',
  references: [{ title: 'docs/collector.md: what an ordinary user can take' }],
  needs: { captureRows },
  wants: { meta: captured.nodeMeta },
  text,
  check({ captureRows, meta }, node) {
    const user = meta?.value.user
    const denied = captureRows.filter(({ status }) => status === 'denied')
    if (user === 'root' || (user === undefined && denied.length === 0)) return clear()
    const userLine = meta?.value.lines.get('user')
    return found(
      { node: node.id, user, denied: denied.map(({ path }) => path) },
      {
        subject: 'user',
        confidence: user === undefined ? 'likely' : 'certain',
        evidence: [
          ...(meta && userLine ? [meta.cite(userLine)] : []),
          ...denied.slice(0, CITED).map(({ origin }) => withNote(origin, 'denied')),
        ],
      },
    )
  },
})
