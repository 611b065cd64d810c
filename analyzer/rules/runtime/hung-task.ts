import { defineRule } from '../../engine/defineRule.ts'
import { clear, found } from '../../engine/verdict.ts'
import { confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { captured } from '../../sources/captured.ts'
import { text } from './hung-task.text.ts'
import { areOld, lastLines } from './loggedLines.ts'

/** A task was in uninterruptible sleep for longer than hung_task_timeout_secs (kernel/hung_task.c, 120 s by default). */
export default defineRule({
  id: 'hung-task',
  area: 'runtime',
  severity: 'high',
  isSymptom: true,
  references: [{ title: 'kernel/hung_task.c' }],
  needs: { kernelLog: captured.kernelLog },
  wants: { logs: logSignals },
  text,
  check({ logs }, node) {
    const signal = logs?.of('hung-task')
    if (signal === undefined) return clear()
    const { count, lines } = signal
    const tasks = [...new Set(lines.flatMap(({ groups }) => groups.get('task') ?? []))]
    return found(
      { node: node.id, count, tasks },
      {
        subject: 'tasks',
        severity: count > 1 && !areOld(lines) ? 'high' : 'medium',
        confidence: confidenceFromLog('likely', lines),
        evidence: lastLines(lines, count, 'log'),
        about: [`node:${node.id}`],
      },
    )
  },
})
