import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { clear, found, unchecked } from '../../engine/verdict.ts'
import { KUBELET_UNITS, RUNTIME_UNITS, hasJournalOf } from '../../facts/node/journalUnits.ts'
import { confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { captured } from '../../sources/captured.ts'
import { text } from './kernel-memory-cgroup-leak.text.ts'
import { lastLines } from './loggedLines.ts'

/** The kernel of CentOS 7 never gives back a memory cgroup whose kernel memory was accounted; 4.0 and later ones do. */
export default defineRule({
  id: 'kernel-memory-cgroup-leak',
  area: 'runtime',
  severity: 'medium',
  references: [
    { title: 'kubernetes#61937', url: 'https://github.com/kubernetes/kubernetes/issues/61937' },
    { title: 'runc#1725', url: 'https://github.com/opencontainers/runc/issues/1725' },
  ],
  needs: {},
  wants: {
    kernelLog: captured.kernelLog,
    journals: captured.journals,
    logs: logSignals,
    uname: captured.uname,
  },
  text,
  check({ kernelLog, journals, logs, uname }, node) {
    const refused = logs?.of('memory-cgroup-refused')
    const slabs = logs?.of('slub-exhausted')
    const signals = [slabs, refused].filter((signal) => signal !== undefined)
    if (signals.length === 0) {
      const isLogged = kernelLog !== undefined || hasJournalOf(journals, [...KUBELET_UNITS, ...RUNTIME_UNITS])
      return isLogged ? clear() : unchecked('noLogs')
    }
    const lines = signals.flatMap((signal) => signal.lines)
    const count = signals.reduce((sum, signal) => sum + signal.count, 0)
    const release = uname?.value?.release
    const isLeaky = release !== undefined && /^[23]\./.test(release)
    return found(
      { node: node.id, count, ...(release !== undefined && { release }), isRefused: refused !== undefined },
      {
        subject: 'memory',
        confidence: isLeaky ? confidenceFromLog('likely', lines) : 'possible',
        evidence: [
          ...lastLines(lines, count, 'log'),
          ...(uname?.value === undefined ? [] : [withNote(uname.cite(uname.value.line), 'kernel')]),
        ],
        about: [`node:${node.id}`],
      },
    )
  },
})
