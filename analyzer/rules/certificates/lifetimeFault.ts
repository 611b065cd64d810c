import { type Citation, withNote } from '../../engine/evidence.ts'
import type { OfNode } from '../../engine/fact.ts'
import { SEVERITIES, type Severity } from '../../engine/outcome.ts'
import { type Found, type Subject, found } from '../../engine/verdict.ts'
import type { CertificateState } from '../../facts/node/certificateStates.ts'
import type { NodeCertificate } from '../../facts/node/certificates.ts'
import { type LogSignals, type LoggedLine, confidenceFromLog } from '../../facts/node/logSignals.ts'
import { formatDay } from '../../text/formatTime.ts'

/** What was found: certificates outside their life, or near its end. Empty where a log alone tells of one. */
export interface LifetimeFault {
  readonly node: string
  /** The most important first. */
  readonly certificates: readonly CertificateState[]
  /** Lines in logs of the case that name the very time which one of these certificates bears. */
  readonly refusals: number
  /** The time that a refused certificate bore, where no captured one does; '' where the log does not say. */
  readonly loggedBound: string
}

/** The notes that lines of these rules bear. */
export type LifetimeNote = 'certificate' | 'refused'

/** Without them the API server, the node or etcd does not work. */
const VITAL = new Set(['ca', 'apiserver-serving', 'kubelet-client', 'etcd', 'component-client'])

const MOST_EVIDENCE = 8
const MOST_LOGGED = 2

/** How bad it is when this certificate is refused. */
export function severityOfRefusal({
  role,
  path,
  distribution,
}: Pick<NodeCertificate, 'role' | 'path' | 'distribution'>): Severity {
  if (path.endsWith('/apiserver-kubelet-client.crt')) return 'high'
  if (VITAL.has(role)) return 'critical'
  if (role === 'kubelet-serving')
    return distribution === 'kubeadm' && path.endsWith('/kubelet.crt') ? 'low' : 'high'
  return role === 'front-proxy' ? 'high' : 'medium'
}

/** What a finding on these certificates is about. */
export function aboutCertificates(
  node: string,
  certificates: readonly CertificateState[],
): readonly Subject[] {
  return [`node:${node}`, ...certificates.map(({ path }): Subject => `certificate:${path}`)]
}

/** The BEGIN lines of certificates, with what is in them. */
export function citedCertificates(certificates: readonly CertificateState[]): Citation<'certificate'>[] {
  return certificates.slice(0, MOST_EVIDENCE).map(({ origin, certificate }) => {
    const life = [certificate.notBeforeMs, certificate.notAfterMs].map((time) =>
      formatDay(new Date(time).toISOString()),
    )
    return withNote(origin, 'certificate', `${certificate.subject.text}, valid ${life.join(' to ')}`)
  })
}

/** What is looked at for certificates that are refused. */
export interface RefusalInputs {
  readonly node: string
  readonly state: 'expired' | 'not-yet-valid'
  readonly states: readonly CertificateState[]
  readonly certificates: readonly OfNode<readonly NodeCertificate[]>[]
  readonly logs: readonly OfNode<LogSignals>[]
}

/**
 * The node's certificates that are outside their life, as one fault, with the log lines of any node that name their times. A line
 * of the node itself that names no captured certificate is a fault of its own, as long as it is recent and no renewal followed.
 */
export function refusedCertificates(inputs: RefusalInputs): Found<LifetimeFault, LifetimeNote>[] {
  const { node, state, states } = inputs
  const refused = states.filter((certificate) => certificate.state === state)
  const { matched, strangers } = refusals(inputs, refused)
  if (refused.length > 0) {
    return [
      found(
        { node, certificates: refused, refusals: matched.length, loggedBound: '' },
        {
          subject: '',
          severity: worstSeverity(refused),
          confidence: refused.every(({ role }) => role === 'other') ? 'possible' : 'certain',
          about: aboutCertificates(node, refused),
          evidence: [...logged(matched), ...citedCertificates(refused)].slice(0, MOST_EVIDENCE),
        },
      ),
    ]
  }
  const last = strangers.at(-1)
  if (last === undefined) return []
  return [
    found(
      { node, certificates: [], refusals: strangers.length, loggedBound: last.groups.get('bound') ?? '' },
      {
        subject: 'logged',
        severity: 'high',
        confidence: confidenceFromLog('possible', strangers),
        about: [`node:${node}`, ...strangers.flatMap(({ groups }) => aboutEnd(groups.get('bound')))],
        evidence: logged(strangers),
      },
    ),
  ]
}

/** What findings on a certificate share that is known by its logged end alone. */
export function aboutEnd(bound: string | undefined): readonly Subject[] {
  return bound === undefined ? [] : [`certificate:${bound}`]
}

function worstSeverity(certificates: readonly CertificateState[]): Severity {
  const severities = new Set(certificates.map(severityOfRefusal))
  return SEVERITIES.find((severity) => severities.has(severity)) ?? 'critical'
}

/**
 * Lines `x509: certificate has expired or is not yet valid: current time … is after …`: after the end of a certificate, or before
 * its beginning. Go before 1.15 wrote no times: such a line is taken for an end.
 */
function refusals({ node, state, certificates, logs }: RefusalInputs, refused: readonly CertificateState[]) {
  const [relation, bound] =
    state === 'expired' ? (['after', 'notAfterMs'] as const) : (['before', 'notBeforeMs'] as const)
  const known = certificates.flatMap(({ value }) => value.map(({ certificate }) => certificate))
  const knownBounds = new Set(known.map((certificate) => certificate[bound]))
  const refusedBounds = new Set(refused.map(({ certificate }) => certificate[bound]))
  const linesOf = ({ value }: OfNode<LogSignals>) =>
    (value.of('certificate-expired')?.lines ?? []).filter(
      ({ groups }) => (groups.get('relation') ?? 'after') === relation,
    )
  const isRenewed = ({ timeMs }: LoggedLine) =>
    timeMs !== undefined && known.some(({ notBeforeMs }) => notBeforeMs > timeMs)
  return {
    matched: logs.flatMap(linesOf).filter((line) => refusedBounds.has(boundOf(line))),
    strangers: logs
      .filter((log) => log.node.id === node)
      .flatMap(linesOf)
      .filter((line) => !line.old && !knownBounds.has(boundOf(line)) && !isRenewed(line)),
  }
}

function boundOf({ groups }: LoggedLine): number {
  return Date.parse(groups.get('bound') ?? '')
}

function logged(lines: readonly LoggedLine[]): Citation<'refused'>[] {
  return lines.slice(-MOST_LOGGED).map(({ origin }) => withNote(origin, 'refused', lines.length))
}
