import { defineRule } from '../../engine/defineRule.ts'
import { found } from '../../engine/verdict.ts'
import { certificateStates } from '../../facts/node/certificateStates.ts'
import type { CertificateState } from '../../facts/node/certificateStates.ts'
import { type Clock, clock } from '../../facts/node/clock.ts'
import { text } from './certificate-expiring.text.ts'
import { aboutCertificates, citedCertificates, severityOfRefusal } from './lifetimeFault.ts'

const DAY_MS = 86_400_000
/** k3s and rke2 renew at a start within 120 days of the end (90 before May 2025): one this long ago left a month. */
const LONG_RUN_DAYS = 60

/** Certificates that end within thirty days, by the node's own clock. */
export default defineRule({
  id: 'certificate-expiring',
  area: 'certificates',
  severity: 'medium',
  references: [
    {
      title: 'Kubernetes documentation, Certificate Management with kubeadm',
      url: 'https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/',
    },
    { title: 'k3s documentation, certificate', url: 'https://docs.k3s.io/cli/certificate' },
  ],
  needs: { states: certificateStates, clock },
  text,
  check({ states, clock }, node) {
    const expiring = states.filter(
      (certificate) => certificate.state === 'expiring' && severityOfRefusal(certificate) !== 'low',
    )
    if (expiring.length === 0) return []
    const runs = uptimeDays(clock)
    const isPressing = expiring.some((certificate) => needsMoreThanTime(certificate, runs))
    return found(
      { node: node.id, certificates: expiring, uptimeDays: runs ?? -1 },
      {
        subject: '',
        severity: isPressing ? 'high' : 'medium',
        confidence: expiring.every(({ role }) => role === 'other') ? 'possible' : 'certain',
        about: aboutCertificates(node.id, expiring),
        evidence: citedCertificates(expiring),
      },
    )
  },
})

/** An authority is renewed by nothing; what k3s made waits for a start that has not come for months. */
function needsMoreThanTime({ role, distribution }: CertificateState, runs: number | undefined): boolean {
  if (role === 'ca') return true
  return (distribution === 'k3s' || distribution === 'rke2') && runs !== undefined && runs >= LONG_RUN_DAYS
}

function uptimeDays({ bootedAtMs, collectedAtMs }: Clock): number | undefined {
  return bootedAtMs === undefined ? undefined : Math.floor((collectedAtMs - bootedAtMs) / DAY_MS)
}
