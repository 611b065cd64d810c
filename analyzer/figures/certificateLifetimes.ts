import { eachNode } from '../engine/fact.ts'
import type { ClusterScope } from '../engine/scope.ts'
import { certificateStates } from '../facts/node/certificateStates.ts'
import { clock } from '../facts/node/clock.ts'
import type { CertificateSpan, Figure } from '../report/figure.ts'

/** More cannot be read at a glance. */
const MOST_SPANS = 40

/**
 * The lives of the leaf certificates in use, and of authorities that are not simply valid, those that end first above; the first
 * forty. Authorities live ten times as long: beside them the year of a leaf would be a point.
 */
export function certificateLifetimes(cluster: ClusterScope): Figure | undefined {
  const states = eachNode(certificateStates).of(cluster)
  const clocks = eachNode(clock).of(cluster)
  if (!states.available || !clocks.available) return undefined
  const judgedAtMs = clocks.value.reduce((latest, { value }) => Math.max(latest, value.collectedAtMs), 0)
  const chosen = states.value
    .flatMap(({ node, value }) => value.map((certificate) => ({ node: node.id, ...certificate })))
    .filter(
      ({ role, state, certificate }) => !certificate.neverExpires && (role !== 'ca' || state !== 'valid'),
    )
    .toSorted((a, b) => a.certificate.notAfterMs - b.certificate.notAfterMs)
    .slice(0, MOST_SPANS)
  if (chosen.length === 0) return undefined
  return {
    kind: 'certificate-lifetimes',
    judgedAt: new Date(judgedAtMs).toISOString(),
    spans: chosen.map(({ node, path, certificate, state }): CertificateSpan => ({
      node,
      path,
      subject: certificate.subject.text,
      notBefore: new Date(certificate.notBeforeMs).toISOString(),
      notAfter: new Date(certificate.notAfterMs).toISOString(),
      state,
    })),
  }
}
