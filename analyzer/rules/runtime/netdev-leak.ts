import { defineRule } from '../../engine/defineRule.ts'
import { clear, found } from '../../engine/verdict.ts'
import { confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { captured } from '../../sources/captured.ts'
import { areOld, lastLines, minutesOf } from './loggedLines.ts'
import { text } from './netdev-leak.text.ts'

/** Connections of a pod that ends are gone after some minutes; what is held for longer stays held. */
const LASTING_MINUTES = 10

/** The kernel waits for a device whose references do not go away (net/core/dev.c, netdev_wait_allrefs: a line every 10 s). */
export default defineRule({
  id: 'netdev-leak',
  area: 'runtime',
  severity: 'high',
  references: [
    { title: 'kubernetes#64743', url: 'https://github.com/kubernetes/kubernetes/issues/64743' },
    { title: 'moby#5618', url: 'https://github.com/moby/moby/issues/5618' },
  ],
  needs: { kernelLog: captured.kernelLog },
  wants: { logs: logSignals },
  text,
  check({ logs }, node) {
    const signal = logs?.of('netdev-held')
    if (signal === undefined) return clear()
    const { count, lines } = signal
    const minutes = minutesOf(lines)
    const device = lines.at(-1)?.groups.get('device') ?? 'lo'
    return found(
      { node: node.id, device, count, minutes },
      {
        subject: device,
        severity: minutes > LASTING_MINUTES && !areOld(lines) ? 'high' : 'medium',
        confidence: confidenceFromLog('likely', lines),
        evidence: lastLines(lines, count, 'log'),
        about: [`node:${node.id}`],
      },
    )
  },
})
