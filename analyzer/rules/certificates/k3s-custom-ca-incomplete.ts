import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import type { Confidence, Severity } from '../../engine/outcome.ts'
import { type Found, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { type Clock, clock } from '../../facts/node/clock.ts'
import { componentVersions } from '../../facts/node/componentVersions.ts'
import { isRecent } from '../../facts/node/isRecent.ts'
import {
  type LoggedLine,
  type LogSignals,
  confidenceFromLog,
  logSignals,
} from '../../facts/node/logSignals.ts'
import {
  type ServerAuthorities,
  type ServerAuthority,
  serverAuthorities,
} from '../../facts/node/serverAuthorities.ts'
import { whole } from '../../facts/node/whole.ts'
import type { SignalId } from '../../logs/signals.ts'
import type { Certificate } from '../../x509/certificate.ts'
import { authorityIdentity } from '../../x509/issuerMatch.ts'
import { type AuthorityFault, type Note, text } from './k3s-custom-ca-incomplete.text.ts'

/** Journals of servers; an agent holds no keys of authorities. */
const JOURNAL = /^journal\/(?:.*\/)?(?:k3s|rke2)(?!-agent)[^/]*$/
const AUTHORITY_IN_LINE =
  /\/[^\s",]{1,200}\/server\/tls\/(?:(?:etcd\/)?(?:server|client|request-header|peer)-ca\.(?:crt|key)|service\.key)/g
/** systemd starts the service again every few seconds. */
const FEWEST_LINES = 3
/** Releases before it had no etcd, and no authorities of it. */
const FIRST_WITH_ETCD = 19

type Finding = Found<AuthorityFault, Note>

/**
 * The authorities of a k3s or rke2 server that somebody made, of which some are missing, are of another set, lack their root or
 * cannot sign; and what the server logs when it refuses them.
 */
export default defineRule({
  id: 'k3s-custom-ca-incomplete',
  area: 'certificates',
  severity: 'high',
  references: [
    {
      title: 'k3s certificate: Using Custom CA Certificates (K3s documentation)',
      url: 'https://docs.k3s.io/cli/certificate#using-custom-ca-certificates',
    },
    {
      title: 'k3s#1868, How to configure my own CA for k3s?',
      url: 'https://github.com/k3s-io/k3s/issues/1868',
    },
    { title: 'k3s 1.33, pkg/daemons/control/deps/deps.go: createSigningCertKey; pkg/cluster/bootstrap.go' },
    { title: 'Go 1.22, crypto/x509/x509.go: CheckSignatureFrom, CreateCertificate' },
  ],
  needs: { server: serverAuthorities },
  wants: { wholeServer: whole(serverAuthorities), versions: componentVersions, logs: logSignals, clock },
  text,
  check({ server, wholeServer, versions, logs, clock }, node) {
    if (server === undefined) return notApplicable('noServer')
    const tell = teller(node.id, server)
    const findings = [
      ...cannotSign(server, tell),
      ...(wholeServer === undefined ? [] : missing(server, versions?.kubelet?.minor, tell)),
      ...unrooted(server, tell),
      ...mixed(server, tell),
      ...logged('key', 'authority-key-mismatch', logs, clock, tell),
      ...logged('replaced', 'authorities-newer-than-datastore', logs, clock, tell),
    ]
    return findings.length === 0 && server.authorities.length === 0 ? unchecked('noAuthorities') : findings
  },
})

type Tell = (
  kind: AuthorityFault['kind'],
  data: Partial<Pick<AuthorityFault, 'files' | 'others' | 'issuers' | 'count'>>,
  proof: {
    readonly severity: Severity
    readonly confidence: Confidence
    readonly evidence: readonly Citation<Note>[]
  },
) => Finding

/** What is broken is about the node; what only may be meant otherwise explains nothing else. */
function teller(node: string, { distribution, folder, hasStarted }: ServerAuthorities): Tell {
  return (kind, data, proof) =>
    found(
      { node, distribution, folder, hasStarted, kind, files: [], others: [], issuers: [], count: 0, ...data },
      {
        subject: kind,
        about: [
          ...(kind === 'mixed' || kind === 'unrooted' ? [] : [`node:${node}` as const]),
          ...(data.files ?? []).map((file) => `certificate:${folder}/${file}` as const),
        ],
        ...proof,
      },
    )
}

function cannotSign({ authorities }: ServerAuthorities, tell: Tell): readonly Finding[] {
  const unfit = authorities.filter(({ certificate }) => mayNotSign(certificate))
  if (unfit.length === 0) return []
  return [
    tell(
      'cannot-sign',
      { files: unfit.map(({ file }) => file) },
      {
        severity: 'critical',
        confidence: 'certain',
        evidence: unfit.map(({ origin, certificate }) =>
          withNote(origin, 'cannotSign', certificate.subject.text),
        ),
      },
    ),
  ]
}

/** Go takes a certificate of version 1, which has no extensions, for an authority. */
function mayNotSign(certificate: Certificate): boolean {
  const { isCa, keyUsages, subjectKeyId, authorityKeyId } = certificate
  const hasExtensions = keyUsages !== undefined || subjectKeyId !== undefined || authorityKeyId !== undefined
  return (!isCa && hasExtensions) || (keyUsages !== undefined && !keyUsages.includes('keyCertSign'))
}

/** A start makes those that are not there, so that all are there on a server that runs. */
function missing(server: ServerAuthorities, minor: number | undefined, tell: Tell): readonly Finding[] {
  const { authorities, hasStarted } = server
  const isOld = minor !== undefined && minor < FIRST_WITH_ETCD
  const files = server.missing.filter((file) => !(isOld && file.startsWith('etcd/')))
  if (files.length === 0 || authorities.length === 0) return []
  const mayBeOld = minor === undefined && files.every((file) => file.startsWith('etcd/'))
  return [
    tell(
      'missing',
      { files, others: authorities.map(({ file }) => file) },
      {
        severity: hasStarted ? 'high' : 'medium',
        confidence: mayBeOld ? 'possible' : 'certain',
        evidence: authorities.map(({ origin, certificate }) =>
          withNote(origin, 'present', certificate.subject.text),
        ),
      },
    ),
  ]
}

function unrooted({ authorities }: ServerAuthorities, tell: Tell): readonly Finding[] {
  const without = authorities.filter(({ root }) => root === undefined)
  if (without.length === 0) return []
  return [
    tell(
      'unrooted',
      {
        files: without.map(({ file }) => file),
        issuers: [...new Set(without.map(({ lastIssuer }) => lastIssuer))],
      },
      {
        severity: 'medium',
        confidence: 'certain',
        evidence: without.map(({ origin, lastIssuer }) => withNote(origin, 'unrooted', lastIssuer)),
      },
    ),
  ]
}

/**
 * Beside authorities that somebody made: those that the server made itself, and, where two or more share a root, those of another
 * root. Authorities that each have a root of their own are as good as the server’s.
 */
function mixed({ authorities }: ServerAuthorities, tell: Tell): readonly Finding[] {
  const made = authorities.filter(({ isOwn }) => !isOwn)
  const shared = largestGroup(made)
  const set = shared.length > 1 ? shared : made
  const strangers = authorities.filter((one) => !set.includes(one) && one.root !== undefined)
  if (set.length === 0 || strangers.length === 0) return []
  const newest = Math.max(...set.map(({ certificate }) => certificate.notBeforeMs))
  const isOwnEtcd = strangers.every(({ isOwn, file }) => isOwn && file.startsWith('etcd/'))
  const isMadeLater = strangers.every((one) => one.isOwn && one.certificate.notBeforeMs > newest)
  return [
    tell(
      'mixed',
      {
        files: strangers.map(({ file }) => file),
        others: set.map(({ file }) => file),
        issuers: [...new Set(strangers.map(({ root }) => root?.subject.text ?? ''))],
      },
      {
        // Nobody but the server itself meets those of etcd.
        severity: isOwnEtcd ? 'low' : 'medium',
        confidence: isMadeLater ? 'likely' : 'possible',
        evidence: [
          ...set.map(({ origin, root, lastIssuer }) =>
            withNote(origin, 'ofSet', root?.subject.text ?? lastIssuer),
          ),
          ...strangers.map(({ origin, root, isOwn }) =>
            withNote(origin, isOwn ? 'own' : 'otherRoot', root?.subject.text ?? ''),
          ),
        ],
      },
    ),
  ]
}

/** The most that share a root. */
function largestGroup(authorities: readonly ServerAuthority[]): readonly ServerAuthority[] {
  const groups = authorities.flatMap(({ root }) => {
    if (root === undefined) return []
    const identity = authorityIdentity(root)
    return [authorities.filter((one) => one.root !== undefined && authorityIdentity(one.root) === identity)]
  })
  return groups.toSorted((a, b) => b.length - a.length)[0] ?? []
}

function logged(
  kind: 'key' | 'replaced',
  signal: SignalId,
  logs: LogSignals | undefined,
  clock: Clock | undefined,
  tell: Tell,
): readonly Finding[] {
  const all = logs?.of(signal)
  const lines = (all?.lines ?? []).filter(({ old, origin }) => !old && JOURNAL.test(origin.path))
  const files = [...new Set(lines.flatMap(({ message }) => filesIn(message)))]
  // Of other files, such as the passwords of nodes, the server says the same.
  if (all === undefined || lines.length === 0 || (kind === 'replaced' && files.length === 0)) return []
  const goesOn = all.count >= FEWEST_LINES && isRecent(lines, clock)
  return [
    tell(
      kind,
      { files, count: all.count },
      {
        severity: 'critical',
        confidence: confidenceFromLog(goesOn ? 'likely' : 'possible', lines),
        evidence: lines.slice(-2).map(({ origin }: LoggedLine) => withNote(origin, 'refused')),
      },
    ),
  ]
}

/** Below `server/tls`. */
function filesIn(message: string): readonly string[] {
  return (message.match(AUTHORITY_IN_LINE) ?? []).map((path) => path.replace(/^.*\/server\/tls\//, ''))
}
