import { defineRule } from '../../engine/defineRule.ts'
import { clear, found } from '../../engine/verdict.ts'
import { confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { captured } from '../../sources/captured.ts'
import { text } from './kernel-softlockup.text.ts'
import { areOld, lastLines } from './loggedLines.ts'

/** The kernel's watchdog found a processor stuck (kernel/watchdog.c: twice watchdog_thresh, 20 s), or RCU did. */
export default defineRule({
  id: 'kernel-softlockup',
  area: 'runtime',
  severity: 'high',
  isSymptom: true,
  references: [
    { title: 'Softlockup detector', url: 'https://docs.kernel.org/admin-guide/lockup-watchdogs.html' },
  ],
  needs: { kernelLog: captured.kernelLog },
  wants: { logs: logSignals },
  text,
  check({ logs }, node) {
    const signals = [logs?.of('soft-lockup'), logs?.of('rcu-stall')].filter((one) => one !== undefined)
    if (signals.length === 0) return clear()
    const count = signals.reduce((sum, signal) => sum + signal.count, 0)
    const lines = signals
      .flatMap((signal) => signal.lines)
      .toSorted((a, b) => (a.timeMs ?? 0) - (b.timeMs ?? 0))
    const longest = lines
      .filter(({ groups }) => groups.has('seconds'))
      .toSorted((a, b) => Number(a.groups.get('seconds')) - Number(b.groups.get('seconds')))
      .at(-1)
    const task = longest?.groups.get('task')?.replace(/:\d+$/, '')
    return found(
      {
        node: node.id,
        count,
        ...(longest && { seconds: Number(longest.groups.get('seconds')) }),
        ...(task !== undefined && { task }),
      },
      {
        subject: 'stall',
        // A paused virtual machine gives one burst; what comes back is no pause.
        severity: count > 1 && !areOld(lines) ? 'high' : 'medium',
        confidence: confidenceFromLog('likely', lines),
        evidence: lastLines(lines, count, 'log'),
        about: [`node:${node.id}`],
      },
    )
  },
})
