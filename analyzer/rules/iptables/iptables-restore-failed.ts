import { defineRule } from '../../engine/defineRule.ts'
import { clear, found, unchecked } from '../../engine/verdict.ts'
import { clock } from '../../facts/node/clock.ts'
import { KUBELET_UNITS, hasJournalOf } from '../../facts/node/journalUnits.ts'
import { confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { captured } from '../../sources/captured.ts'
import { lastLines } from '../runtime/loggedLines.ts'
import { text } from './iptables-restore-failed.text.ts'

/** kube-proxy tries again every 30 seconds; what is not mended shows within minutes. */
const RECENT_MS = 10 * 60_000

/** iptables-restore refused what kube-proxy wrote (pkg/proxy/iptables/proxier.go), or a chain could not be changed. */
export default defineRule({
  id: 'iptables-restore-failed',
  area: 'iptables',
  severity: 'high',
  references: [
    { title: 'kubernetes#68447', url: 'https://github.com/kubernetes/kubernetes/issues/68447' },
    { title: 'kube-proxy#25', url: 'https://github.com/kubernetes/kube-proxy/issues/25' },
  ],
  needs: { journals: captured.journals },
  wants: { logs: logSignals, clock },
  text,
  check({ journals, logs, clock }, node) {
    const signals = [logs?.of('iptables-restore-failed'), logs?.of('iptables-chain-failed')].filter(
      (signal) => signal !== undefined,
    )
    if (signals.length === 0) {
      return hasJournalOf(journals, [...KUBELET_UNITS, 'kube-proxy']) ? clear() : unchecked('noJournal')
    }
    const count = signals.reduce((sum, signal) => sum + signal.count, 0)
    const lines = signals
      .flatMap((signal) => signal.lines)
      .toSorted((a, b) => (a.timeMs ?? 0) - (b.timeMs ?? 0))
    const lastMs = lines.at(-1)?.timeMs
    const isNow =
      count > 1 && lastMs !== undefined && clock !== undefined && clock.collectedAtMs - lastMs <= RECENT_MS
    const row = lines.findLast(({ groups }) => groups.has('row'))?.groups.get('row')
    return found(
      { node: node.id, count, isNow, ...(row !== undefined && { row }) },
      {
        subject: 'restore',
        severity: isNow ? 'high' : 'medium',
        confidence: count > 1 ? confidenceFromLog('likely', lines) : 'possible',
        evidence: lastLines(lines, count, 'log'),
        about: [`node:${node.id}`],
      },
    )
  },
})
