import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { type CertificateState, certificateStates } from '../../facts/node/certificateStates.ts'
import { clock } from '../../facts/node/clock.ts'
import { hasJournalOf } from '../../facts/node/journalUnits.ts'
import { type LogSignals, logSignals } from '../../facts/node/logSignals.ts'
import { captured } from '../../sources/captured.ts'
import { type Note, text } from './k3s-cert-1y.text.ts'
import { aboutCertificates, citedCertificates } from './lifetimeFault.ts'

const DAY_MS = 86_400_000
/** A start renews what ends within so many days; 120 since the releases of May 2025, so that this holds for all. */
const RENEWAL_DAYS = 90
/** With less than that left there may be no other start in time. */
const PRESSING_DAYS = 30
/** Shorter ones were asked for with CATTLE_NEW_SIGNED_CERT_EXPIRATION_DAYS, and others’ are not renewed. */
const LEAST_LIFE_DAYS = 180
const UNITS = ['k3s', 'k3s-agent', 'rke2-server', 'rke2-agent']

/** Certificates of k3s or rke2 that end soon, on a node whose server or agent has not started since it would renew them. */
export default defineRule({
  id: 'k3s-cert-1y',
  area: 'certificates',
  severity: 'high',
  references: [
    { title: 'k3s certificate (K3s documentation)', url: 'https://docs.k3s.io/cli/certificate' },
    { title: 'k3s 1.33, pkg/daemons/control/deps/deps.go: createClientCertKey, expired' },
  ],
  needs: { states: certificateStates, clock },
  wants: { meta: captured.nodeMeta, logs: logSignals, journals: captured.journals },
  text,
  check({ states, clock, meta, logs, journals }, node) {
    const own = states.filter(isRenewedByStart)
    if (own.length === 0) return notApplicable('noK3s')
    const ending = own.filter(
      ({ certificate: { notAfterMs } }) => daysLeft(notAfterMs, clock.collectedAtMs) < PRESSING_DAYS,
    )
    if (ending.length === 0) return []
    const { bootedAtMs } = clock
    if (bootedAtMs === undefined) return unchecked('noUptime')
    const startedMs = lastStart(logs)
    const waiting = ending.filter(({ certificate: { notAfterMs } }) => {
      const opensMs = notAfterMs - RENEWAL_DAYS * DAY_MS
      return bootedAtMs < opensMs && (startedMs === undefined || startedMs < opensMs)
    })
    const [first] = waiting.toSorted((a, b) => a.certificate.notAfterMs - b.certificate.notAfterMs)
    if (first === undefined) return []
    const uptime = meta?.value.lines.get('uptime_seconds')
    return found(
      {
        node: node.id,
        distribution: first.distribution === 'rke2' ? 'rke2' : 'k3s',
        certificates: waiting,
        hasJournal: hasJournalOf(journals, UNITS),
        uptimeDays: Math.floor((clock.collectedAtMs - bootedAtMs) / DAY_MS),
        daysLeft: Math.floor(daysLeft(first.certificate.notAfterMs, clock.collectedAtMs)),
      },
      {
        subject: '',
        confidence: 'certain',
        about: aboutCertificates(node.id, waiting),
        evidence: [
          ...(meta === undefined || uptime === undefined
            ? []
            : [withNote<Note>(meta.cite(uptime), 'uptime')]),
          ...citedCertificates(waiting),
        ],
      },
    )
  },
})

/** Leaves that k3s and rke2 make for themselves; not the authorities, which live ten years and are renewed by nothing. */
function isRenewedByStart({ distribution, role, certificate }: CertificateState): boolean {
  if (distribution !== 'k3s' && distribution !== 'rke2') return false
  return role !== 'ca' && certificate.notAfterMs - certificate.notBeforeMs > LEAST_LIFE_DAYS * DAY_MS
}

function daysLeft(notAfterMs: number, nowMs: number): number {
  return (notAfterMs - nowMs) / DAY_MS
}

function lastStart(logs: LogSignals | undefined): number | undefined {
  return logs?.of('k3s-started')?.lines.findLast(({ timeMs }) => timeMs !== undefined)?.timeMs
}
