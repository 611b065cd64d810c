import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { clear, found, notApplicable } from '../../engine/verdict.ts'
import { captured } from '../../sources/captured.ts'
import { text } from './clock-unsynchronised.text.ts'

/** A clock that the bundle should not be judged by, and has to be. */
export default defineRule({
  id: 'clock-unsynchronised',
  area: 'evidence',
  severity: 'low',
  references: [{ title: 'timedatectl(1), NTPSynchronized' }],
  needs: { meta: captured.nodeMeta },
  text,
  check({ meta }, node) {
    const { startedUtcSeconds, finishedUtcSeconds, ntpSynchronized, lines } = meta.value
    const [started, finished, ntp] = ['started_utc', 'finished_utc', 'ntp_synchronized'].map((key) =>
      lines.get(key),
    )
    if (started && finished && (finishedUtcSeconds ?? Infinity) < (startedUtcSeconds ?? 0)) {
      const backSeconds = (startedUtcSeconds ?? 0) - (finishedUtcSeconds ?? 0)
      return found(
        { node: node.id, state: 'stepped-back', backSeconds },
        {
          subject: 'clock',
          severity: 'medium',
          confidence: 'certain',
          evidence: [withNote(meta.cite(started), 'started'), withNote(meta.cite(finished), 'finished')],
        },
      )
    }
    if (ntpSynchronized === undefined || ntp === undefined) return notApplicable('untold')
    if (ntpSynchronized) return clear()
    return found(
      { node: node.id, state: 'unsynchronised', backSeconds: 0 },
      { subject: 'clock', confidence: 'possible', evidence: [withNote(meta.cite(ntp), 'ntp')] },
    )
  },
})
