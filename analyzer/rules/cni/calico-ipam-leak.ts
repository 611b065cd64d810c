import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { calicoBlockUse } from '../../facts/node/calicoBlockUse.ts'
import { confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { whole } from '../../facts/node/whole.ts'
import { formatPrefix } from '../../net/prefix.ts'
import { formatCount } from '../../text/formatCount.ts'
import { text } from './calico-ipam-leak.text.ts'

/** As many may be pods that came or went between the log and the capture. */
const TOLERATED = 5
const MOST_CITED = 4

/**
 * Calico found no address for a pod, while most of the node’s own blocks seem free: what is not a pod holds them. A node takes addresses
 * of its own blocks first (libcalico-go lib/ipam, autoAssign), so that none of them is free when it gets none.
 */
export default defineRule({
  id: 'calico-ipam-leak',
  area: 'cni',
  severity: 'high',
  references: [
    { title: 'projectcalico/calico libcalico-go/lib/ipam/ipam.go, autoAssign' },
    {
      title: 'projectcalico/calico#4861: blocks are not cleaned, and the limit of blocks is reached',
      url: 'https://github.com/projectcalico/calico/issues/4861',
    },
    {
      title: 'projectcalico/calico#5203: addresses leak while the datastore cannot be reached',
      url: 'https://github.com/projectcalico/calico/issues/5203',
    },
  ],
  needs: { use: whole(calicoBlockUse) },
  wants: { logs: logSignals },
  text,
  check({ use, logs }, node) {
    const refused = logs?.of('calico-no-address')
    if (!use.isCalico && refused === undefined) return notApplicable('noCalico')
    if (use.blocks.length === 0) return unchecked('noBlocks')
    const { blocks, capacity, used, pods } = use
    const held = capacity - used.size
    if (held <= TOLERATED) return clear()
    // Leaked addresses show only when they are missed: Calico's datastore is not captured.
    if (refused === undefined) return unchecked('notExhausted')
    const names = blocks.map(({ destination }) => formatPrefix(destination))
    return found(
      { node: node.id, blocks: names, capacity, used: used.size, held, lines: refused.count },
      {
        subject: 'blocks',
        confidence: confidenceFromLog('likely', refused.lines),
        evidence: [
          ...refused.lines
            .slice(-1)
            .map(({ origin }) => withNote(origin, 'last', formatCount(refused.count))),
          ...blocks.slice(0, MOST_CITED).map(({ origin }) => withNote(origin, 'block')),
          ...pods.slice(0, MOST_CITED).map(({ origin }) => withNote(origin, 'pod', formatCount(pods.length))),
        ],
        about: [...names.map((name) => `network:${name}` as const), `node:${node.id}`],
      },
    )
  },
})
