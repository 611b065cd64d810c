import { defineRule } from '../../engine/defineRule.ts'
import { eachNode } from '../../engine/fact.ts'
import { clear, found, notApplicable } from '../../engine/verdict.ts'
import { captured } from '../../sources/captured.ts'
import { text } from './node-collected-twice.text.ts'

/** Two bundles of one boot are of one node (/proc/sys/kernel/random/boot_id, random(4)). */
export default defineRule({
  id: 'node-collected-twice',
  area: 'evidence',
  severity: 'info',
  references: [{ title: 'random(4), /proc/sys/kernel/random/boot_id' }],
  needs: { metas: eachNode(captured.nodeMeta) },
  text,
  check({ metas }, node) {
    const boots = metas.flatMap(({ node: of, value }) => {
      const { bootId, lines } = value.value
      const line = lines.get('boot_id')
      return bootId === undefined || line === undefined
        ? []
        : [{ node: of.id, bootId, origin: value.cite(line) }]
    })
    const own = boots.find((boot) => boot.node === node.id)
    if (own === undefined || boots.length < 2) return notApplicable('alone')
    const same = boots.filter(({ bootId }) => bootId === own.bootId)
    if (same.length < 2) return clear()
    const bundles = same.map((boot) => boot.node)
    return found(
      { bundles },
      {
        subject: own.bootId,
        confidence: 'certain',
        nodes: bundles,
        evidence: same.map(({ origin }) => origin),
      },
    )
  },
})
