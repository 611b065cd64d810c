import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { clear, found } from '../../engine/verdict.ts'
import { logSignals } from '../../facts/node/logSignals.ts'
import { captured } from '../../sources/captured.ts'
import { text } from './evidence-window-short.text.ts'

const MINUTE_SECONDS = 60
/** Within this time tables fill and components settle. */
const SETTLED_MINUTES = 15

/** A node that had only just started, or whose journal dropped lines (systemd-journald, RateLimitBurst=). */
export default defineRule({
  id: 'evidence-window-short',
  area: 'evidence',
  severity: 'info',
  references: [{ title: 'journald.conf(5), RateLimitBurst and Storage' }],
  needs: { meta: captured.nodeMeta },
  wants: { logs: logSignals },
  text,
  check({ meta, logs }, node) {
    const uptimeSeconds = meta.value.uptimeSeconds ?? Infinity
    const uptime = meta.value.lines.get('uptime_seconds')
    const minutes = Math.floor(uptimeSeconds / MINUTE_SECONDS)
    const young = uptime !== undefined && minutes < SETTLED_MINUTES
    const suppressed = logs?.of('journal-suppressed')
    if (!young && suppressed === undefined) return clear()
    const suppressedLines = (suppressed?.lines ?? []).reduce(
      (sum, { groups }) => sum + Number(groups.get('count') ?? 0),
      0,
    )
    return found(
      { node: node.id, suppressedLines, ...(young && { minutesSinceBoot: minutes }) },
      {
        subject: 'window',
        confidence: 'certain',
        severity: suppressed === undefined ? 'info' : 'low',
        evidence: [
          ...(young ? [withNote(meta.cite(uptime), 'uptime')] : []),
          ...(suppressed?.lines ?? []).slice(-3).map(({ origin }) => withNote(origin, 'suppressed')),
        ],
      },
    )
  },
})
