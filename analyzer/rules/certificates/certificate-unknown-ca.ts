import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { type OfNode, eachNode } from '../../engine/fact.ts'
import { type Confidence, SEVERITIES, type Severity } from '../../engine/outcome.ts'
import { type Found, found, unchecked } from '../../engine/verdict.ts'
import { apiServerAddresses } from '../../facts/cluster/apiServerAddresses.ts'
import { type TrustComparison, trustComparisons } from '../../facts/cluster/trustComparisons.ts'
import { type VerifiedCertificate, verifiedCertificates } from '../../facts/cluster/verifiedCertificates.ts'
import { certificates } from '../../facts/node/certificates.ts'
import { type Clock, clock } from '../../facts/node/clock.ts'
import {
  type LoggedLine,
  type LogSignals,
  confidenceFromLog,
  logSignals,
} from '../../facts/node/logSignals.ts'
import { parseAddress } from '../../net/address.ts'
import { type Note, type UnknownAuthority, text } from './certificate-unknown-ca.text.ts'
import { severityOfRefusal } from './lifetimeFault.ts'
import {
  type RefusedKind,
  type UnknownAuthorityLines,
  unknownAuthorityLines,
} from './unknownAuthorityLines.ts'

const MOST_EVIDENCE = 8
/** One line may be of a start: what is still refused is logged again within the hour. */
const RECENT_MS = 3_600_000
const FEWEST_LINES = 3

const SEVERITY_OF: Readonly<Record<RefusedKind, Severity>> = {
  api: 'critical',
  client: 'high',
  webhook: 'high',
  registry: 'medium',
  other: 'medium',
}

/**
 * A certificate that whoever verifies it refuses, since its authority is not among the trusted ones: nodes trust different
 * authorities, a certificate is of another authority than the one beside it, or logs say so.
 */
export default defineRule({
  id: 'certificate-unknown-ca',
  area: 'certificates',
  severity: 'critical',
  references: [
    {
      title: 'PKI certificates and requirements (Kubernetes)',
      url: 'https://kubernetes.io/docs/setup/best-practices/certificates/',
    },
    { title: 'k3s certificate (K3s documentation)', url: 'https://docs.k3s.io/cli/certificate' },
    { title: 'RFC 5280, sections 4.2.1.1 and 4.2.1.2: key identifiers; Go 1.22, crypto/x509/verify.go' },
  ],
  needs: { comparisons: trustComparisons, verified: verifiedCertificates, logs: eachNode(logSignals) },
  wants: { servers: apiServerAddresses, certificates: eachNode(certificates), clock },
  text,
  check({ comparisons, verified, logs, servers, certificates, clock }, node) {
    const refusals = refusalsOn(logs, (host) =>
      (servers ?? []).some(({ address }) => address === parseAddress(hostOnly(host))),
    )
    const clusterLines = refusals.filter(({ kind }) => kind === 'api' || kind === 'client')
    const lines = clusterLines.flatMap((refusal) => refusal.lines.slice(-1))
    const disagreements = comparisons.filter(({ foreign }) => foreign.length > 0)
    const strangers = verified.filter(({ match }) => match === 'no' || match === 'other-key')
    const states = [
      ...disagreements.filter((one) => nodesOf(one).includes(node.id)).map((one) => disagreement(one, lines)),
      ...strangerFindings(
        node.id,
        strangers.filter((stranger) => stranger.node === node.id),
        lines,
      ),
    ]
    const isExplained = disagreements.length > 0 || strangers.length > 0
    const issued = (certificates ?? []).flatMap(({ value }) =>
      value.map(({ certificate }) => certificate.notBeforeMs),
    )
    const logged = refusals
      .filter((refusal) => refusal.node === node.id && !(isExplained && clusterLines.includes(refusal)))
      .flatMap((refusal) => loggedFinding(node.id, refusal, issued, clock))
    if (states.length > 0 || logged.length > 0) return [...states, ...logged]
    const compared =
      comparisons.some(({ files }) => files.length > 1 && files.some((file) => file.node === node.id)) ||
      verified.some((certificate) => certificate.node === node.id)
    return compared ? [] : unchecked('nothingToCompare')
  },
})

interface NodeRefusal extends UnknownAuthorityLines {
  readonly node: string
}

function refusalsOn(
  logs: readonly OfNode<LogSignals>[],
  isApiServer: (host: string) => boolean,
): readonly NodeRefusal[] {
  return logs.flatMap(({ node, value }) =>
    unknownAuthorityLines(value, isApiServer).map(({ kind, host, lines }) => ({
      node: node.id,
      kind,
      host,
      lines,
    })),
  )
}

function hostOnly(host: string): string {
  return /^\[(?<v6>[^\]]{2,45})\]/.exec(host)?.groups?.['v6'] ?? host.replace(/:\d{1,5}$/, '')
}

/** A dispute is about all its nodes; else only those are at fault that differ from the cluster's own. */
function nodesOf({ foreign, reference, isDispute }: TrustComparison): readonly string[] {
  const nodes = foreign.map(({ node }) => node)
  return [...new Set(isDispute ? [reference.node, ...nodes] : nodes)].toSorted()
}

function disagreement(
  comparison: TrustComparison,
  lines: readonly LoggedLine[],
): Found<UnknownAuthority, Note> {
  const { domain, foreign, reference, isDispute } = comparison
  const nodes = nodesOf(comparison)
  const isKnown = [reference, ...foreign].some(
    ({ node, holder }) =>
      nodes.includes(node) && holder !== reference.holder && holder.authorities.length > 0,
  )
  return found(
    {
      kind: 'disagreement',
      nodes,
      domain,
      paths: [...new Set(foreign.map(({ holder }) => holder.path))],
      reference: { node: reference.node, path: reference.holder.path },
      isDispute,
      isSingleNode: foreign.every(({ node }) => node === reference.node),
      lines: lines.length,
    },
    {
      subject: `authorities-${domain}`,
      nodes,
      severity: domain === 'front-proxy' ? 'high' : 'critical',
      confidence: isKnown && reference.holder.authorities.length > 0 ? 'certain' : 'likely',
      about: nodes.map((node) => `node:${node}` as const),
      evidence: [
        withNote(reference.holder.origin, 'reference', subjectOf(reference.holder.authorities)),
        ...foreign.map(({ holder }) => withNote(holder.origin, 'foreign', subjectOf(holder.authorities))),
        ...lines.slice(-2).map(({ origin }) => withNote(origin, 'refused')),
      ].slice(0, MOST_EVIDENCE),
    },
  )
}

function subjectOf(
  authorities: readonly { readonly subject: { readonly text: string }; readonly sha256: string }[],
) {
  const [first] = authorities
  return first === undefined ? '' : `${first.subject.text}, SHA-256 ${first.sha256.slice(0, 16)}…`
}

/** The node's certificates of foreign authorities, one finding for each purpose. */
function strangerFindings(
  node: string,
  strangers: readonly VerifiedCertificate[],
  lines: readonly LoggedLine[],
): readonly Found<UnknownAuthority, Note>[] {
  const domains = [...new Set(strangers.map(({ domain }) => domain))]
  return domains.map((domain) => {
    const own = strangers.filter((stranger) => stranger.domain === domain)
    const [first] = own
    const severities = new Set(own.map(({ certificate }) => severityOfRefusal(certificate)))
    return found(
      {
        kind: 'stranger',
        nodes: [node],
        domain,
        paths: own.map(({ certificate }) => certificate.path),
        reference: { node: first?.trusted.origin.bundle ?? node, path: first?.trusted.path ?? '' },
        issuer: first?.certificate.certificate.issuer.text ?? '',
        sameName: own.every(({ match }) => match === 'other-key'),
        lines: lines.length,
      },
      {
        subject: `certificates-${domain}`,
        severity: SEVERITIES.find((severity) => severities.has(severity)) ?? 'critical',
        confidence: own.some((stranger) => confidenceOf(stranger) === 'certain') ? 'certain' : 'likely',
        about: [`node:${node}`, ...own.map(({ certificate }) => `certificate:${certificate.path}` as const)],
        evidence: [
          ...own.map(({ certificate: { origin, certificate } }) =>
            withNote(origin, 'leaf', certificate.issuer.text),
          ),
          ...(first === undefined
            ? []
            : [withNote(first.trusted.origin, 'trusted', subjectOf(first.trusted.authorities))]),
          ...lines.slice(-2).map(({ origin }) => withNote(origin, 'refused')),
        ].slice(0, MOST_EVIDENCE),
      },
    )
  })
}

/** A key identifier alone could be one that was chosen freely: it proves another key where the case has that key's authority. */
function confidenceOf({ match, issuer, mayBeElsewhere }: VerifiedCertificate): Confidence {
  if (mayBeElsewhere) return 'likely'
  return match === 'no' || issuer !== undefined ? 'certain' : 'likely'
}

/** What only logs tell. A line from before a certificate of the case was made is of what that one replaced. */
function loggedFinding(
  node: string,
  { kind, host, lines }: UnknownAuthorityLines,
  issuedMs: readonly number[],
  clock: Clock | undefined,
): readonly Found<UnknownAuthority, Note>[] {
  const open = lines.filter(
    ({ timeMs, old }) => !old && !(timeMs !== undefined && issuedMs.some((issued) => issued > timeMs)),
  )
  const last = open.at(-1)
  if (last === undefined) return []
  const isRecent =
    clock !== undefined && last.timeMs !== undefined && clock.collectedAtMs - last.timeMs < RECENT_MS
  const hint = last.groups.get('candidate')
  return [
    found(
      {
        kind: 'logged',
        nodes: [node],
        refused: kind,
        host,
        lines: open.length,
        ...(hint !== undefined && { hint }),
      },
      {
        subject: ['logged', kind, host].filter((part) => part !== '').join('-'),
        severity: SEVERITY_OF[kind],
        confidence: confidenceFromLog(isRecent && open.length >= FEWEST_LINES ? 'likely' : 'possible', open),
        about: kind === 'api' || kind === 'client' ? [`node:${node}`] : [],
        evidence: open.slice(-2).map(({ origin }) => withNote(origin, 'refused')),
      },
    ),
  ]
}
