import { defineRule } from '../../engine/defineRule.ts'
import { clear, found, unchecked } from '../../engine/verdict.ts'
import { KUBELET_UNITS, hasJournalOf } from '../../facts/node/journalUnits.ts'
import { confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { captured } from '../../sources/captured.ts'
import { areOld, lastLines, minutesOf } from '../runtime/loggedLines.ts'
import { text } from './iptables-lock-contention.text.ts'

/** At boot everybody writes rules at once. */
const FEW = 3
const LASTING_MINUTES = 10

/** Programs do not get /run/xtables.lock (iptables/xshared.c), which iptables-legacy takes for every change. */
export default defineRule({
  id: 'iptables-lock-contention',
  area: 'iptables',
  severity: 'medium',
  isSymptom: true,
  references: [
    { title: 'kubernetes#48107', url: 'https://github.com/kubernetes/kubernetes/issues/48107' },
    { title: 'flannel#933', url: 'https://github.com/flannel-io/flannel/issues/933' },
  ],
  needs: { journals: captured.journals },
  wants: { logs: logSignals },
  text,
  check({ journals, logs }, node) {
    const signal = logs?.of('xtables-lock')
    if (signal === undefined || signal.count < FEW) {
      const units = [...KUBELET_UNITS, 'kube-proxy', 'flanneld']
      return signal !== undefined || hasJournalOf(journals, units) ? clear() : unchecked('noJournal')
    }
    const { count, lines } = signal
    const minutes = minutesOf(lines)
    return found(
      { node: node.id, count, minutes },
      {
        subject: 'lock',
        severity: minutes > LASTING_MINUTES && !areOld(lines) ? 'high' : 'medium',
        confidence: confidenceFromLog('likely', lines),
        evidence: lastLines(lines, count, 'log'),
        about: [`node:${node.id}`],
      },
    )
  },
})
