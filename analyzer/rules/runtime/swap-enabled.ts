import { defineRule } from '../../engine/defineRule.ts'
import { clear, found, unchecked } from '../../engine/verdict.ts'
import { KUBELET_UNITS, hasJournalOf } from '../../facts/node/journalUnits.ts'
import { confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { captured } from '../../sources/captured.ts'
import { areOld, lastLines } from './loggedLines.ts'
import { text } from './swap-enabled.text.ts'

/**
 * A kubelet with failSwapOn refuses a node with swap (pkg/kubelet/cm/container_manager_linux.go). Swap itself is not captured: only a
 * kubelet that ends because of it is told.
 */
export default defineRule({
  id: 'swap-enabled',
  area: 'runtime',
  severity: 'high',
  references: [
    {
      title: 'Swap memory management',
      url: 'https://kubernetes.io/docs/concepts/cluster-administration/swap-memory-management/',
    },
  ],
  needs: { journals: captured.journals },
  wants: { logs: logSignals },
  text,
  check({ journals, logs }, node) {
    const signal = logs?.of('swap-refused')
    if (signal === undefined) return hasJournalOf(journals, KUBELET_UNITS) ? clear() : unchecked('noJournal')
    const { count, lines } = signal
    return found(
      { node: node.id, count },
      {
        subject: 'kubelet',
        severity: areOld(lines) ? 'medium' : 'high',
        confidence: confidenceFromLog('likely', lines),
        evidence: lastLines(lines, count, 'log'),
        about: [`node:${node.id}`],
      },
    )
  },
})
