import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { eachNode } from '../../engine/fact.ts'
import { clear, found, notApplicable } from '../../engine/verdict.ts'
import { captured } from '../../sources/captured.ts'
import { text } from './captures-far-apart.text.ts'

const MINUTE_SECONDS = 60
/** Longer than a rollout, or a rotation of endpoints, takes to settle. */
const FAR_MINUTES = 10

/** Bundles that are judged together were made more than ten minutes apart. */
export default defineRule({
  id: 'captures-far-apart',
  area: 'evidence',
  severity: 'low',
  references: [{ title: 'docs/bundle-format.md: started_utc of meta/node.txt' }],
  needs: { metas: eachNode(captured.nodeMeta) },
  text,
  check({ metas }) {
    const starts = metas
      .flatMap(({ node, value }) => {
        const seconds = value.value.startedUtcSeconds
        const line = value.value.lines.get('started_utc')
        return seconds === undefined || line === undefined
          ? []
          : [{ node: node.id, seconds, origin: value.cite(line) }]
      })
      .toSorted((a, b) => a.seconds - b.seconds)
    const [first] = starts
    const last = starts.at(-1)
    if (first === undefined || last === undefined || first === last) return notApplicable('alone')
    const minutes = Math.floor((last.seconds - first.seconds) / MINUTE_SECONDS)
    if (minutes <= FAR_MINUTES) return clear()
    return found(
      { first: first.node, last: last.node, minutes },
      {
        subject: 'times',
        confidence: 'certain',
        nodes: starts.map(({ node }) => node),
        evidence: [withNote(first.origin, 'first'), withNote(last.origin, 'last')],
      },
    )
  },
})
