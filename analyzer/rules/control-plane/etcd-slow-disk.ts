import type { Capture } from '../../bundle/bundle.ts'
import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import type { Confidence } from '../../engine/outcome.ts'
import { clear, found, unchecked } from '../../engine/verdict.ts'
import { clock } from '../../facts/node/clock.ts'
import { confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import type { LogSignals } from '../../facts/node/logSignals.ts'
import { nodeAddresses } from '../../facts/node/nodeAddresses.ts'
import type { FioJob } from '../../parsers/fio.ts'
import { captured } from '../../sources/captured.ts'
import { type Note, type SlowDisk, text } from './etcd-slow-disk.text.ts'
import { aboutEtcd, linesPerHour } from './etcdLog.ts'

/** etcd's documentation: the 99th percentile of fdatasync must be less than 10 ms. */
const MOST_USEC = 10_000
/** A few slow requests are large ones (all events, all leases); a slow disk makes many. */
const SLOW_APPLIES_PER_HOUR = 30
const LATE_HEARTBEATS_PER_HOUR = 10

/** The disk of etcd takes too long to confirm what is written: by a fio run that an operator added, or by what etcd logs. */
export default defineRule({
  id: 'etcd-slow-disk',
  area: 'control-plane',
  severity: 'high',
  references: [
    {
      title: 'Hardware recommendations (etcd): disks',
      url: 'https://etcd.io/docs/v3.5/op-guide/hardware/#disks',
    },
    { title: 'Frequently asked questions (etcd): slow disk', url: 'https://etcd.io/docs/v3.5/faq/' },
  ],
  needs: {},
  wants: { fio: captured.fio, logs: logSignals, addresses: nodeAddresses, clock },
  text,
  check({ fio, logs, addresses }, node) {
    const measured = fio === undefined ? [] : measurements(fio)
    const slow = measured
      .filter(({ p99Usec }) => p99Usec > MOST_USEC)
      .toSorted((a, b) => b.p99Usec - a.p99Usec)
    const complaint = logs === undefined ? undefined : complaintOf(logs)
    const [worst] = slow
    if (worst === undefined && complaint === undefined) {
      if (measured.length > 0) return clear()
      return unchecked(fio === undefined ? 'noFio' : 'noSyncTimes')
    }
    return found<SlowDisk, Note>(
      {
        node: node.id,
        ...(worst !== undefined && { p99Usec: worst.p99Usec, job: worst.job }),
        // A run that passes may have been on another disk, or at a quiet time.
        ...(worst === undefined &&
          measured.length > 0 && { passed: Math.max(...measured.map((one) => one.p99Usec)) }),
        syncs: logs?.of('etcd-slow-sync')?.count ?? 0,
        heartbeats: logs?.of('etcd-late-heartbeat')?.count ?? 0,
        applies: logs?.of('etcd-slow-apply')?.count ?? 0,
      },
      {
        subject: '',
        confidence: confidenceOf(worst !== undefined, complaint?.confidence),
        about: aboutEtcd(node.id, addresses ?? []),
        evidence: [
          ...slow.slice(0, 3).map(({ origin, p99Usec }) => withNote(origin, 'fio', p99Usec)),
          ...(complaint?.lines ?? []).slice(-3).map(({ origin }) => withNote(origin, 'logged')),
        ],
      },
    )
  },
})

function measurements(fio: Capture<readonly FioJob[]>) {
  return fio.value.flatMap(({ name, sync }) => {
    const p99Usec = sync?.percentiles.get(99)
    if (sync === undefined || p99Usec === undefined) return []
    return [{ job: name, p99Usec, origin: fio.cite(sync.line) }]
  })
}

/** What etcd itself complains of: one sync of more than a second is told by etcd as slow; other signs must be many. */
function complaintOf(logs: LogSignals) {
  const syncs = logs.of('etcd-slow-sync')
  if (syncs !== undefined) return { lines: syncs.lines, confidence: confidenceFromLog('likely', syncs.lines) }
  const signs = (
    [
      ['etcd-late-heartbeat', LATE_HEARTBEATS_PER_HOUR],
      ['etcd-slow-apply', SLOW_APPLIES_PER_HOUR],
    ] as const
  ).flatMap(([signal, most]) => {
    const logged = logs.of(signal)
    return logged !== undefined && linesPerHour(logged) > most ? [logged] : []
  })
  if (signs.length === 0) return undefined
  // Slow requests and late heartbeats together point at the disk; each alone could be a lack of CPU or large requests.
  const lines = signs.flatMap((sign) => sign.lines)
  return { lines, confidence: confidenceFromLog(signs.length > 1 ? 'likely' : 'possible', lines) }
}

/** A run of fio tells of the disk that it was given, which may be another one than etcd’s: only with etcd’s own words it is certain. */
function confidenceOf(isMeasured: boolean, logged: Confidence | undefined): Confidence {
  if (!isMeasured) return logged ?? 'possible'
  return logged === 'likely' ? 'certain' : 'likely'
}
