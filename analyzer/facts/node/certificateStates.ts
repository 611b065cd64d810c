import { type Availability, available } from '../../engine/availability.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import type { Certificate } from '../../x509/certificate.ts'
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
    const workers = workersOf(all)
    return available(all.filter((certificate) => !isReplaced(certificate, workers)))
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

/** What of a node's certificates can do the work of others, by what they are found by. */
interface Workers {
  /** Roles that some valid certificate has. */
  readonly roles: ReadonlySet<CertificateRole>
  /** Keys of valid authorities: see keyOf. */
  readonly authorityKeys: ReadonlySet<string>
  /** Files with a valid authority. */
  readonly authorityFiles: ReadonlySet<string>
  /** Fingerprints of what an authority has signed, by its key identifier, and by its name. */
  readonly signedByKey: ReadonlyMap<string, ReadonlySet<string>>
  readonly signedByName: ReadonlyMap<string, ReadonlySet<string>>
}

function workersOf(all: readonly CertificateState[]): Workers {
  const valid = all.filter(({ state }) => state === 'valid')
  const authorities = valid.filter(({ role }) => role === 'ca')
  const signedByKey = new Map<string, Set<string>>()
  const signedByName = new Map<string, Set<string>>()
  for (const { certificate } of all) {
    const { authorityKeyId, issuer, sha256 } = certificate
    if (authorityKeyId !== undefined) add(signedByKey, authorityKeyId, sha256)
    else add(signedByName, issuer.text, sha256)
  }
  return {
    roles: new Set(valid.map(({ role }) => role)),
    authorityKeys: new Set(authorities.map(({ certificate }) => keyOf(certificate))),
    authorityFiles: new Set(authorities.map(({ path }) => path)),
    signedByKey,
    signedByName,
  }
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, new Set([value]))
  else known.add(value)
}

/** Two authorities of one key and name are taken for each other; without a key identifier only for themselves. */
function keyOf({ subjectKeyId, subject, sha256 }: Certificate): string {
  return subjectKeyId === undefined ? sha256 : `${subjectKeyId} ${subject.text}`
}

/** Whether another that is valid does its work. */
function isReplaced({ state, role, path, certificate }: CertificateState, workers: Workers): boolean {
  if (state === 'valid') return false
  switch (role) {
    case 'ca':
      // A bundle keeps the old authority beside the new one: it is missed only by certificates that it alone has signed.
      return (
        workers.authorityKeys.has(keyOf(certificate)) ||
        (workers.authorityFiles.has(path) && !hasSigned(certificate, workers))
      )
    case 'kubeconfig-embedded':
      return workers.roles.has('kubeconfig-embedded')
    case 'kubelet-client':
      // The kubelet prefers its own store to what kubelet.conf holds (kubeadm before 1.17 leaves an old login there).
      return path.endsWith('.conf.client.crt') && workers.roles.has('kubelet-client')
    default:
      return false
  }
}

/** Has the authority signed another of the certificates? Its key tells, else its name. */
function hasSigned({ subjectKeyId, subject, sha256 }: Certificate, workers: Workers): boolean {
  const signed = [
    ...(subjectKeyId === undefined ? [] : [workers.signedByKey.get(subjectKeyId)]),
    workers.signedByName.get(subject.text),
  ]
  return signed.some((set) => set !== undefined && set.size > (set.has(sha256) ? 1 : 0))
}
