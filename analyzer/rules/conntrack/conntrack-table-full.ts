import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { clear, found, notApplicable } from '../../engine/verdict.ts'
import { confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { captured } from '../../sources/captured.ts'
import { formatCount } from '../../text/formatCount.ts'
import { text } from './conntrack-table-full.text.ts'

/** Node problem detector warns from here (ConntrackFull check); packets are dropped only at the maximum. */
const NEARLY_FULL = 0.9
/** The kernel evicts before it drops, so that a full table hovers just below its maximum. */
const FULL = 0.99

/** The connection tracking table is full, was full, or is about to be (net/netfilter/nf_conntrack_core.c). */
export default defineRule({
  id: 'conntrack-table-full',
  area: 'conntrack',
  severity: 'critical',
  references: [
    { title: 'Linux net/netfilter/nf_conntrack_core.c, __nf_conntrack_alloc' },
    {
      title: 'Kubernetes node-problem-detector, ConntrackFullProblem',
      url: 'https://github.com/kubernetes/node-problem-detector',
    },
  ],
  needs: { counts: captured.conntrackCounts },
  wants: { logs: logSignals },
  text,
  check({ counts, logs }, node) {
    const { count, max } = counts.value
    if (count === undefined || max === undefined || max.value === 0) return notApplicable('notLoaded')
    const evidence = [withNote(counts.cite(count.line), 'count'), withNote(counts.cite(max.line), 'max')]
    const fill = count.value / max.value
    const data = { node: node.id, count: count.value, max: max.value }

    const about = [`node:${node.id}`, `sysctl:${node.id}/net.netfilter.nf_conntrack_max`] as const

    const drops = logs?.of('conntrack-table-full')
    if (drops !== undefined) {
      const last = drops.lines
        .slice(-2)
        .map(({ origin }) => withNote(origin, 'log', formatCount(drops.count)))
      return found(
        { ...data, state: fill >= FULL ? 'full' : 'was-full', logLines: drops.count },
        {
          subject: 'table',
          confidence: confidenceFromLog('certain', drops.lines),
          severity: fill >= NEARLY_FULL ? 'critical' : 'high',
          evidence: [...last, ...evidence],
          about,
        },
      )
    }
    if (fill < NEARLY_FULL) return clear()
    return found(
      { ...data, state: fill >= FULL ? 'full' : 'nearly-full', logLines: 0 },
      {
        subject: 'table',
        confidence: fill >= FULL ? 'certain' : 'likely',
        severity: fill >= FULL ? 'critical' : 'high',
        evidence,
        about,
      },
    )
  },
})
