import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { found } from '../../engine/verdict.ts'
import { type CaptureRow, captureRows } from '../../facts/node/captureRows.ts'
import { text } from './capture-partly-unread.text.ts'

const CITED_PER_CAPTURE = 2
const CITED = 8

/** Captures of which some lines were not understood. */
export default defineRule({
  id: 'capture-partly-unread',
  area: 'evidence',
  severity: 'low',
  references: [{ title: 'docs/bundle-format.md: what makes each capture' }],
  needs: { captureRows },
  text,
  check({ captureRows }, node) {
    const partly = captureRows.filter(({ status, unreadLines }) => unreadLines > (isCut(status) ? 1 : 0))
    if (partly.length === 0) return []
    const evidence = partly.flatMap(({ origin, unread }) =>
      unread
        .slice(0, CITED_PER_CAPTURE)
        .map(({ number, text: words }) => withNote({ ...origin, line: number, text: words }, 'unread')),
    )
    return found(
      { node: node.id, captures: partly.map(({ path, unreadLines }) => ({ path, lines: unreadLines })) },
      { subject: 'lines', confidence: 'certain', evidence: evidence.slice(0, CITED) },
    )
  },
})

/** The last line of a capture that was stopped may end in the middle; dump-truncated tells of that. */
function isCut(status: CaptureRow['status']): boolean {
  return status === 'truncated' || status === 'timeout'
}
