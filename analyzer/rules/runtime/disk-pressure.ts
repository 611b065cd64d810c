import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import type { Severity } from '../../engine/outcome.ts'
import { type Found, found, unchecked } from '../../engine/verdict.ts'
import { kubeApi } from '../../facts/cluster/kubeApi.ts'
import { KUBELET_UNITS, hasJournalOf } from '../../facts/node/journalUnits.ts'
import {
  type LogSignals,
  type LoggedLine,
  confidenceFromLog,
  logSignals,
} from '../../facts/node/logSignals.ts'
import { captured } from '../../sources/captured.ts'
import { type DiskPressure, text } from './disk-pressure.text.ts'
import { areOld, lastLines } from './loggedLines.ts'

type Note = 'log' | 'condition'
type Logged = Found<DiskPressure, Note>

/** Where a full disk of the node shows; elsewhere the words may come from inotify or a pod’s own volume. */
const NODE_FILE = /^\/(?:var\/(?:lib|log)|run|etc|opt)\//

/** A disk of the node is full (kubelet eviction), or the kernel stopped its file system (fs/ext4, fs/xfs). */
export default defineRule({
  id: 'disk-pressure',
  area: 'runtime',
  severity: 'high',
  references: [
    {
      title: 'Node-pressure eviction',
      url: 'https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/',
    },
  ],
  needs: {},
  wants: {
    kernelLog: captured.kernelLog,
    journals: captured.journals,
    logs: logSignals,
    nodes: kubeApi.nodes,
    meta: captured.nodeMeta,
  },
  text,
  check({ kernelLog, journals, logs, nodes, meta }, node) {
    const own = nodes?.value.find(({ name }) => name === (meta?.value.hostname ?? node.id))
    const pressed = own?.conditions.find(({ type, status }) => type === 'DiskPressure' && status === 'True')
    const condition = pressed && nodes && own ? [withNote<Note>(nodes.cite(own.line), 'condition')] : []
    const fullLines = linesOfFullDisk(logs)
    const isTold = hasJournalOf(journals, KUBELET_UNITS) || kernelLog !== undefined || own !== undefined
    if (!isTold && fullLines.length === 0) return unchecked('noLogs')

    const full: Logged[] = []
    if (fullLines.length > 0 || condition.length > 0) {
      const what = fullLines.at(-1)?.groups.get('resource') ?? ''
      full.push(
        found<DiskPressure, Note>(
          { node: node.id, kind: 'full', what, count: fullLines.length, isCondition: condition.length > 0 },
          {
            subject: 'full',
            severity: condition.length > 0 || !areOld(fullLines) ? 'high' : 'medium',
            confidence: condition.length > 0 ? 'likely' : confidenceFromLog('likely', fullLines),
            evidence: [...condition, ...lastLines<Note>(fullLines, fullLines.length, 'log')],
            about: [`node:${node.id}`],
          },
        ),
      )
    }
    const stopped = fileSystems(node.id, 'stopped', 'critical', logs?.of('filesystem-stopped')?.lines)
    const known = new Set(stopped.map(({ data }) => data.what))
    const errors = fileSystems(node.id, 'error', 'high', logs?.of('filesystem-error')?.lines)
    return [...stopped, ...errors.filter(({ data }) => !known.has(data.what)), ...full]
  },
})

function linesOfFullDisk(logs: LogSignals | undefined): readonly LoggedLine[] {
  const evictions = (logs?.of('eviction-reclaim')?.lines ?? []).filter(
    ({ groups }) => !/^(?:memory|pids)$/.test(groups.get('resource') ?? ''),
  )
  const refused = (logs?.of('no-space-left')?.lines ?? []).filter(({ groups }) =>
    NODE_FILE.test(groups.get('file') ?? ''),
  )
  return [...refused, ...evictions].toSorted((a, b) => (a.timeMs ?? 0) - (b.timeMs ?? 0))
}

/** One finding for each device. */
function fileSystems(
  node: string,
  kind: 'stopped' | 'error',
  severity: Severity,
  lines: readonly LoggedLine[] = [],
): readonly Logged[] {
  const byDevice = new Map<string, LoggedLine[]>()
  for (const line of lines) {
    const device = line.groups.get('device') ?? line.groups.get('xfsDevice') ?? ''
    byDevice.set(device, [...(byDevice.get(device) ?? []), line])
  }
  return [...byDevice].map(([what, own]) =>
    found<DiskPressure, Note>(
      { node, kind, what, count: own.length, isCondition: false },
      {
        subject: `${kind}:${what}`,
        severity: areOld(own) ? 'medium' : severity,
        confidence: confidenceFromLog('likely', own),
        evidence: lastLines<Note>(own, own.length, 'log'),
        about: [`node:${node}`],
      },
    ),
  )
}
