import { type Availability, available } from '../../engine/availability.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import type { CertificateRole } from './certificateRole.ts'
import { type NodeCertificate, certificates } from './certificates.ts'
import { clock } from './clock.ts'

/** A certificate as it stands at the time of the capture. */
export interface CertificateState extends NodeCertificate {
  readonly state: 'valid' | 'expiring' | 'expired' | 'not-yet-valid'
  /** Whole days to its end, or to its beginning where it is not valid yet; since its end where it is expired. */
  readonly days: number
}

const DAY_MS = 86_400_000
const EXPIRING_MS = 30 * DAY_MS
/** Of a certificate of a week, thirty days would be all its life. */
const EXPIRING_SHARE = 0.1

/** Those first that most depends on. */
const IMPORTANCE: readonly CertificateRole[] = [
  'ca',
  'apiserver-serving',
  'kubelet-client',
  'etcd',
  'component-client',
  'front-proxy',
  'kubelet-serving',
  'other',
  'kubeconfig-embedded',
]

/**
 * The certificates that a node works with, each once however many files hold it, judged by the node's own clock; the most
 * important first. Left out: what is not in use, authorities that another one of the same key or name has replaced, and logins
 * beside another that is valid.
 */
export const certificateStates = defineNodeFact({
  name: 'states of certificates',
  needs: { certificates, clock },
  compute({ certificates, clock }): Availability<readonly CertificateState[]> {
    const byFingerprint = new Map<string, CertificateState>()
    for (const certificate of certificates.filter(isLoaded).toSorted(byImportance)) {
      const { sha256 } = certificate.certificate
      if (!byFingerprint.has(sha256)) byFingerprint.set(sha256, judged(certificate, clock.collectedAtMs))
    }
    const all = [...byFingerprint.values()]
    return available(all.filter((certificate) => !isReplaced(certificate, all)))
  },
})

/** The authority that a kubelet makes to sign its own certificate lies behind it in the file and is never asked. */
function isLoaded({ inUse, role, certificate }: NodeCertificate): boolean {
  return inUse && !(role === 'kubelet-serving' && certificate.isCa)
}

function byImportance(a: NodeCertificate, b: NodeCertificate): number {
  const rank = IMPORTANCE.indexOf(a.role) - IMPORTANCE.indexOf(b.role)
  return rank || a.index - b.index || (a.path < b.path ? -1 : 1)
}

/** As crypto/x509 judges: invalid before `notBefore` and after `notAfter`, valid at either. */
function judged(certificate: NodeCertificate, nowMs: number): CertificateState {
  const { notBeforeMs, notAfterMs, neverExpires } = certificate.certificate
  if (nowMs < notBeforeMs)
    return { ...certificate, state: 'not-yet-valid', days: wholeDays(notBeforeMs - nowMs) }
  if (neverExpires) return { ...certificate, state: 'valid', days: wholeDays(notAfterMs - nowMs) }
  if (nowMs > notAfterMs) return { ...certificate, state: 'expired', days: wholeDays(nowMs - notAfterMs) }
  const left = notAfterMs - nowMs
  const limit = Math.min(EXPIRING_MS, (notAfterMs - notBeforeMs) * EXPIRING_SHARE)
  return { ...certificate, state: left < limit ? 'expiring' : 'valid', days: wholeDays(left) }
}

function wholeDays(milliseconds: number): number {
  return Math.floor(milliseconds / DAY_MS)
}

/** Whether another that is valid does its work. */
function isReplaced(certificate: CertificateState, all: readonly CertificateState[]): boolean {
  if (certificate.state === 'valid') return false
  const valid = all.filter(({ state }) => state === 'valid')
  switch (certificate.role) {
    case 'ca':
      return valid.some((other) => other.role === 'ca' && replacesAuthority(other, certificate, all))
    case 'kubeconfig-embedded':
      return valid.some(({ role }) => role === 'kubeconfig-embedded')
    case 'kubelet-client':
      // The kubelet prefers its own store to what kubelet.conf holds (kubeadm before 1.17 leaves an old login there).
      return (
        certificate.path.endsWith('.conf.client.crt') && valid.some(({ role }) => role === 'kubelet-client')
      )
    default:
      return false
  }
}

/**
 * A bundle keeps the old authority beside the new one, of the same key or of another: the old one is missed only by certificates
 * that it alone has signed.
 */
function replacesAuthority(
  other: CertificateState,
  { certificate: old, path }: CertificateState,
  all: readonly CertificateState[],
): boolean {
  const isOfSameKey =
    other.certificate.subjectKeyId !== undefined &&
    other.certificate.subjectKeyId === old.subjectKeyId &&
    other.certificate.subject.text === old.subject.text
  if (isOfSameKey) return true
  if (other.path !== path) return false
  return !all.some(({ certificate }) => certificate.sha256 !== old.sha256 && isSignedBy(certificate, old))
}

function isSignedBy(
  certificate: NodeCertificate['certificate'],
  authority: NodeCertificate['certificate'],
): boolean {
  if (certificate.authorityKeyId !== undefined && authority.subjectKeyId !== undefined) {
    return certificate.authorityKeyId === authority.subjectKeyId
  }
  return certificate.issuer.text === authority.subject.text
}
