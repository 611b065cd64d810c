import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { clear, found, unchecked } from '../../engine/verdict.ts'
import { type LoggedLine, confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { nodeAddresses } from '../../facts/node/nodeAddresses.ts'
import { captured } from '../../sources/captured.ts'
import { text } from './etcd-leader-changes.text.ts'
import { aboutEtcd, hasEtcdLog } from './etcdLog.ts'

const HOUR_MS = 3_600_000
/** One change an hour may be a node that was drained; this many are none. */
const MANY = 3
const VERY_MANY = 10

/** The members of etcd elect another leader again and again. */
export default defineRule({
  id: 'etcd-leader-changes',
  area: 'control-plane',
  severity: 'high',
  isSymptom: true,
  references: [
    {
      title: 'Tuning (etcd): heartbeat interval and election timeout',
      url: 'https://etcd.io/docs/v3.5/tuning/',
    },
    { title: 'etcd 3.5, raft/node.go: elected leader, changed leader' },
  ],
  needs: { logs: logSignals, journals: captured.journals },
  wants: { addresses: nodeAddresses },
  text,
  check({ logs, journals, addresses }, node) {
    const elections = logs.of('etcd-leader-elected')
    const timed = (elections?.lines ?? []).filter(({ timeMs }) => timeMs !== undefined)
    const worst = busiestHour(timed)
    const starts = startsIn(worst, logs.of('etcd-started')?.lines ?? [])
    // Each restart of a member may bring an election along.
    const changes = changesIn(worst) - starts
    if (changes < MANY) return hasEtcdLog(journals) ? clear() : unchecked('noEtcdLog')
    const [first] = worst
    const last = worst.at(-1)
    return found(
      {
        node: node.id,
        changes,
        leaders: new Set(worst.map(({ groups }) => groups.get('leader'))).size,
        starts,
      },
      {
        subject: '',
        severity: changes >= VERY_MANY ? 'critical' : 'high',
        confidence: confidenceFromLog('likely', worst),
        about: aboutEtcd(node.id, addresses ?? []),
        evidence: [first, last].flatMap((line) =>
          line === undefined ? [] : [withNote(line.origin, 'elected', line.groups.get('term') ?? '')],
        ),
      },
    )
  },
})

/** The lines of that hour in which the term changed most often. Of a long log the first and last lines alone are kept. */
function busiestHour(lines: readonly LoggedLine[]): readonly LoggedLine[] {
  let worst: readonly LoggedLine[] = []
  for (const [index, from] of lines.entries()) {
    const hour = lines.slice(index).filter(({ timeMs = 0 }) => timeMs - (from.timeMs ?? 0) <= HOUR_MS)
    if (changesIn(hour) > changesIn(worst)) worst = hour
  }
  return worst
}

/** A member that has only just started tells of the leader that was there: terms count, the first one not. */
function changesIn(lines: readonly LoggedLine[]): number {
  return Math.max(0, new Set(lines.map(({ groups }) => groups.get('term'))).size - 1)
}

function startsIn(hour: readonly LoggedLine[], starts: readonly LoggedLine[]): number {
  const from = hour[0]?.timeMs ?? 0
  const to = hour.at(-1)?.timeMs ?? 0
  return starts.filter(({ timeMs = -1 }) => timeMs >= from && timeMs <= to).length
}
