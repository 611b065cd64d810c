import { defineRule } from '../../engine/defineRule.ts'
import { clear, found, unchecked } from '../../engine/verdict.ts'
import { confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { KUBELET_UNITS, hasJournalOf } from '../../facts/node/journalUnits.ts'
import { captured } from '../../sources/captured.ts'
import { areOld, lastLines } from './loggedLines.ts'
import { text } from './pleg-unhealthy.text.ts'

/** The kubelet had no answer of its container runtime for three minutes (pkg/kubelet/pleg/generic.go, relistThreshold). */
export default defineRule({
  id: 'pleg-unhealthy',
  area: 'runtime',
  severity: 'high',
  isSymptom: true,
  references: [{ title: 'kubelet pkg/kubelet/pleg/generic.go' }],
  needs: { journals: captured.journals },
  wants: { logs: logSignals },
  text,
  check({ journals, logs }, node) {
    const signal = logs?.of('pleg-unhealthy')
    if (signal === undefined) return hasJournalOf(journals, KUBELET_UNITS) ? clear() : unchecked('noJournal')
    const { count, lines } = signal
    // The age grows from line to line: the last one of a row has the longest.
    const { groups } = lines.toSorted((a, b) => secondsOf(a.groups) - secondsOf(b.groups)).at(-1) ?? {}
    return found(
      { node: node.id, count, age: groups?.get('age') ?? '', limit: groups?.get('limit') ?? '' },
      {
        subject: 'pleg',
        severity: areOld(lines) ? 'medium' : 'high',
        confidence: confidenceFromLog('likely', lines),
        evidence: lastLines(lines, count, 'log'),
        about: [`node:${node.id}`],
      },
    )
  },
})

/** Go prints a duration as `1h3m5.2s`. */
function secondsOf(groups: ReadonlyMap<string, string>): number {
  const [, hours = '0', minutes = '0', seconds = '0'] =
    /^(?:(\d+)h)?(?:(\d+)m)?(?:([\d.]+)s)?$/.exec(groups.get('age') ?? '') ?? []
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
}
