import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { type Found, found, unchecked } from '../../engine/verdict.ts'
import { clock } from '../../facts/node/clock.ts'
import { isRecent } from '../../facts/node/isRecent.ts'
import { type LogSignals, confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { nodeAddresses } from '../../facts/node/nodeAddresses.ts'
import type { SignalId } from '../../logs/signals.ts'
import { captured } from '../../sources/captured.ts'
import { type BrokenKind, type BrokenMember, type Note, text } from './etcd-member-broken.text.ts'
import { aboutEtcd, hasEtcdLog } from './etcdLog.ts'

/** etcd stops at these, and its supervisor starts it again: one line is an attempt, and a member that is mended logs no more. */
const LOGGED: readonly (readonly [SignalId, BrokenKind])[] = [
  ['etcd-other-cluster', 'other-cluster'],
  ['etcd-member-removed', 'removed'],
  ['etcd-already-bootstrapped', 'data-lost'],
  ['etcd-data-corrupt', 'corrupt'],
]
const FEWEST_LINES = 3

/** The node's member of etcd cannot take part: its data is gone, damaged or of another cluster, or it knows of no leader. */
export default defineRule({
  id: 'etcd-member-broken',
  area: 'control-plane',
  severity: 'critical',
  references: [
    {
      title: 'Runtime reconfiguration (etcd)',
      url: 'https://etcd.io/docs/v3.5/op-guide/runtime-configuration/',
    },
    { title: 'Disaster recovery (etcd)', url: 'https://etcd.io/docs/v3.5/op-guide/recovery/' },
  ],
  needs: {},
  wants: {
    etcd: captured.etcd,
    logs: logSignals,
    journals: captured.journals,
    addresses: nodeAddresses,
    clock,
  },
  text,
  check({ etcd, logs, journals, addresses, clock }, node) {
    const about = aboutEtcd(node.id, addresses ?? [])
    const states = (etcd ?? []).flatMap(({ value, cite }) =>
      value.endpoints.map((endpoint) => ({ ...endpoint, origin: cite(value.line) })),
    )
    const leaderless = states.find(({ hasLeader }) => !hasLeader)
    const findings: Found<BrokenMember, Note>[] = []
    if (leaderless !== undefined) {
      const { origin } = leaderless
      findings.push(
        found(
          { node: node.id, kind: 'no-leader', lines: 0 },
          { subject: 'no-leader', confidence: 'certain', about, evidence: [withNote(origin, 'noLeader')] },
        ),
      )
    }
    if (logs !== undefined) {
      // A member that answers with a leader takes part: what it logged before is over.
      const isMended = states.length > 0 && leaderless === undefined
      if (!isMended) findings.push(...loggedFaults(node.id, logs, (lines) => isRecent(lines, clock), about))
    }
    if (findings.length > 0) return findings
    return states.length > 0 || hasEtcdLog(journals ?? []) ? [] : unchecked('nothing')
  },
})

function loggedFaults(
  node: string,
  logs: LogSignals,
  isOfNow: (lines: NonNullable<ReturnType<LogSignals['of']>>['lines']) => boolean,
  about: Found<BrokenMember, Note>['about'] & {},
): readonly Found<BrokenMember, Note>[] {
  return LOGGED.flatMap(([signal, kind]) => {
    const logged = logs.of(signal)
    if (logged === undefined) return []
    const isPressing = logged.count >= FEWEST_LINES && isOfNow(logged.lines)
    return [
      found<BrokenMember, Note>(
        { node, kind, lines: logged.count },
        {
          subject: kind,
          confidence: confidenceFromLog(isPressing ? 'likely' : 'possible', logged.lines),
          about,
          evidence: logged.lines.slice(-2).map(({ origin }) => withNote(origin, 'logged')),
        },
      ),
    ]
  })
}
