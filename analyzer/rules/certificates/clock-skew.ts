import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { eachNode } from '../../engine/fact.ts'
import { type Found, found, unchecked } from '../../engine/verdict.ts'
import { certificateStates } from '../../facts/node/certificateStates.ts'
import type { CertificateState } from '../../facts/node/certificateStates.ts'
import { type Clock, clock } from '../../facts/node/clock.ts'
import { isRecent } from '../../facts/node/isRecent.ts'
import { type LogSignals, confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { goDurationSeconds } from '../../text/goDuration.ts'
import { hasEtcdLog } from '../control-plane/etcdLog.ts'
import { captured } from '../../sources/captured.ts'
import { type ClockSkew, type Note, text } from './clock-skew.text.ts'

const FEWEST_LINES = 3
/** From so many seconds on elections, leases and tokens suffer; etcd warns from one second on. */
const BAD_SECONDS = 10
/** Of a certificate that a cluster made; the authorities of cluster tools date it back, never ahead. */
const MADE_BY = new Set(['k3s', 'rke2', 'kubeadm'])

/** Clocks of nodes that differ: etcd measures it, or a certificate was made in what is the future by the node's clock. */
export default defineRule({
  id: 'clock-skew',
  area: 'certificates',
  severity: 'high',
  references: [
    { title: 'etcd 3.5, server/etcdserver/api/rafthttp/probing_status.go: ClockDiff over a second' },
  ],
  needs: { clock },
  wants: {
    logs: logSignals,
    states: certificateStates,
    journals: captured.journals,
    clocks: eachNode(clock),
  },
  text,
  check({ clock, logs, states, journals, clocks }, node) {
    const findings: Found<ClockSkew, Note>[] = [
      ...measured(node.id, logs, clock),
      ...fromTheFuture(
        node.id,
        states ?? [],
        (clocks ?? []).filter((other) => other.node.id !== node.id).map(({ value }) => value),
      ),
    ]
    if (findings.length > 0) return findings
    // A single clock proves nothing: etcd compares with its peers, a certificate with who made it.
    return hasEtcdLog(journals ?? []) || (states ?? []).length > 0 ? [] : unchecked('nothing')
  },
})

function measured(node: string, logs: LogSignals | undefined, now: Clock): readonly Found<ClockSkew, Note>[] {
  const drift = logs?.of('etcd-clock-drift')
  const last = drift?.lines.at(-1)
  if (drift === undefined || last === undefined) return []
  // In 3.4 the two fields had changed places: the drift is more than a second, a round trip is not.
  const times = ['drift', 'rtt', 'difference'].flatMap(
    (name) => goDurationSeconds(last.groups.get(name) ?? '') ?? [],
  )
  const seconds = Math.max(0, ...times)
  const goesOn = drift.count >= FEWEST_LINES && isRecent(drift.lines, now)
  return [
    found<ClockSkew, Note>(
      { kind: 'measured', node, seconds, peer: last.groups.get('peer') ?? last.groups.get('member') ?? '' },
      {
        subject: 'etcd',
        severity: seconds >= BAD_SECONDS ? 'high' : 'medium',
        confidence: confidenceFromLog(goesOn ? 'likely' : 'possible', drift.lines),
        about: [`node:${node}`],
        evidence: drift.lines.slice(-2).map(({ origin }) => withNote(origin, 'drift')),
      },
    ),
  ]
}

/** The file lay there when the node was collected, and begins later by the node's clock: who made it has a clock that is ahead. */
function fromTheFuture(
  node: string,
  states: readonly CertificateState[],
  others: readonly Clock[],
): readonly Found<ClockSkew, Note>[] {
  const early = states.filter(
    ({ state, role, distribution, certificate }) =>
      state === 'not-yet-valid' &&
      role !== 'ca' &&
      distribution !== undefined &&
      MADE_BY.has(distribution) &&
      !certificate.selfIssued,
  )
  const [first] = early
  if (first === undefined) return []
  const startsMs = Math.min(...early.map(({ certificate }) => certificate.notBeforeMs))
  const isAheadElsewhere = others.some(({ collectedAtMs }) => collectedAtMs >= startsMs)
  return [
    found<ClockSkew, Note>(
      { kind: 'future', node, path: first.path, startsMs, isAheadElsewhere },
      {
        subject: 'certificate',
        confidence: isAheadElsewhere ? 'likely' : 'possible',
        about: [`node:${node}`],
        evidence: early
          .slice(0, 3)
          .map(({ origin, certificate }) =>
            withNote(origin, 'begins', new Date(certificate.notBeforeMs).toISOString()),
          ),
      },
    ),
  ]
}
