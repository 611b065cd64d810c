import { defineRule } from '../../engine/defineRule.ts'
import { clear, found, unchecked } from '../../engine/verdict.ts'
import { RUNTIME_UNITS, hasJournalOf } from '../../facts/node/journalUnits.ts'
import { type LoggedSignal, logSignals } from '../../facts/node/logSignals.ts'
import type { SignalId } from '../../logs/signals.ts'
import { captured } from '../../sources/captured.ts'
import { areOld, lastLines, minutesOf } from './loggedLines.ts'
import { type RuntimeFailure, text } from './runtime-storm.text.ts'

const MINUTES_PER_HOUR = 60

/** More an hour than a rollout or an upgrade gives. */
const KINDS: readonly {
  readonly signal: SignalId
  readonly kind: RuntimeFailure['kind']
  readonly most: number
}[] = [
  { signal: 'unit-restarted', kind: 'restarts', most: 3 },
  { signal: 'sandbox-name-reserved', kind: 'name-reserved', most: 50 },
  { signal: 'container-task-failed', kind: 'task-failed', most: 50 },
  { signal: 'too-many-open-files', kind: 'open-files', most: 50 },
]

/** The container runtime fails at a rate that no rollout explains. */
export default defineRule({
  id: 'runtime-storm',
  area: 'runtime',
  severity: 'high',
  isSymptom: true,
  references: [{ title: 'containerd#4604', url: 'https://github.com/containerd/containerd/issues/4604' }],
  needs: { journals: captured.journals },
  wants: { logs: logSignals },
  text,
  check({ journals, logs }, node) {
    const storms = KINDS.flatMap(({ signal, kind, most }) => {
      const logged = logs?.of(signal)
      const perHour = logged === undefined ? 0 : perHourOf(logged)
      return logged === undefined || perHour <= most || areOld(logged.lines)
        ? []
        : [{ kind, logged, perHour }]
    }).toSorted((a, b) => b.perHour - a.perHour)
    if (storms.length === 0) return hasJournalOf(journals, RUNTIME_UNITS) ? clear() : unchecked('noJournal')
    return found(
      {
        node: node.id,
        failures: storms.map(({ kind, logged, perHour }) => ({ kind, count: logged.count, perHour })),
      },
      {
        subject: 'failures',
        confidence: 'likely',
        evidence: storms.flatMap(({ logged }) => lastLines(logged.lines, logged.count, 'log')),
        about: [`node:${node.id}`],
      },
    )
  },
})

/** What came within less than an hour is taken for an hour's. */
function perHourOf({ count, lines }: LoggedSignal): number {
  return Math.floor(count / Math.max(1, minutesOf(lines) / MINUTES_PER_HOUR))
}
