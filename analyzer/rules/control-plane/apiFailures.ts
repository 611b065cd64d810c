import type { LoggedLine, LogSignals } from '../../facts/node/logSignals.ts'
import type { SignalId } from '../../logs/signals.ts'

/** Why a request to the API server failed, by what the component wrote. */
export type ApiFailureKind =
  | 'refused' // nobody listens there, or a firewall answers so
  | 'no-route' // the address does not resolve on the link, or a router or firewall says so
  | 'timeout' // no answer at all
  | 'reset'
  | 'certificate' // the client does not accept the server's certificate
  | 'rejected' // the server does not accept the client's
  | 'unnamed'

/** Where a request went. */
export interface ApiTarget {
  /** An address without brackets, or a name; '' where the line names none. */
  readonly host: string
  readonly port?: number
}

/** The lines of one node that tell of failures of one kind towards one API server. */
export interface ApiFailure {
  readonly target: ApiTarget
  readonly kind: ApiFailureKind
  /** The words of the last line that has some: `connection refused`. */
  readonly error?: string
  /** Oldest first. */
  readonly lines: readonly LoggedLine[]
  /** The lease or the status of the node is among what failed: the node becomes NotReady. */
  readonly heartbeat: boolean
  /** How many there were at least. */
  readonly count: number
}

interface Hit {
  readonly signal: SignalId
  readonly line: LoggedLine
}

interface Draft {
  readonly target: ApiTarget
  readonly kind: ApiFailureKind
  readonly hits: Hit[]
}

const SIGNALS: readonly SignalId[] = ['lease-update-failed', 'node-status-update-failed', 'api-connection']

/** Words of Go's net, net/http, context and crypto/x509 packages, and of the API machinery. */
const KINDS = new Map<string, ApiFailureKind>([
  ['connection refused', 'refused'],
  ['no route to host', 'no-route'],
  ['network is unreachable', 'no-route'],
  ['context deadline exceeded', 'timeout'],
  ['Client.Timeout exceeded', 'timeout'],
  ['i/o timeout', 'timeout'],
  ['TLS handshake timeout', 'timeout'],
  ['connection timed out', 'timeout'],
  ['connection reset by peer', 'reset'],
  ['Unauthorized', 'rejected'],
])

/**
 * The failures that a node's logs tell of, by server and kind. Connections that no URL of the API names count only if `isApiServer`
 * knows their target: a kubelet also probes pods. `skip` leaves lines out.
 */
export function apiFailures(
  logs: LogSignals,
  isApiServer: (target: ApiTarget) => boolean,
  skip: (line: LoggedLine) => boolean,
): readonly ApiFailure[] {
  const drafts = new Map<string, Draft>()
  for (const signal of SIGNALS) {
    for (const line of logs.of(signal)?.lines ?? []) {
      const target = targetOf(line)
      if (skip(line) || (signal === 'api-connection' && !isOfApi(line, target, isApiServer))) continue
      const error = line.groups.get('error')
      if (error === 'operation was canceled') continue
      const kind = kindOf(error)
      const key = [target.host, target.port, kind].join(' ')
      const draft = drafts.get(key) ?? { target, kind, hits: [] }
      drafts.set(key, draft)
      draft.hits.push({ signal, line })
    }
  }
  return [...drafts.values()].map((draft) => failureOf(draft, logs))
}

function isOfApi(line: LoggedLine, target: ApiTarget, isApiServer: (target: ApiTarget) => boolean): boolean {
  return isApiServer(target) || /https:\/\/[^\s"/]{1,300}\/apis?\//.test(line.message)
}

function targetOf({ groups }: LoggedLine): ApiTarget {
  const host = (groups.get('host') ?? groups.get('address') ?? '').replace(/^\[|\]$/g, '')
  const port = groups.get('port')
  return port === undefined ? { host } : { host, port: Number(port) }
}

function kindOf(error: string | undefined): ApiFailureKind {
  if (error === undefined) return 'unnamed'
  return error.startsWith('x509') ? 'certificate' : (KINDS.get(error) ?? 'unnamed')
}

function failureOf({ target, kind, hits }: Draft, logs: LogSignals): ApiFailure {
  // One line may hold two signals: the lease, and the connection that failed under it.
  const unique = new Map(hits.map(({ line }) => [`${line.origin.path} ${line.origin.line}`, line]))
  const lines = [...unique.values()].toSorted((a, b) => (a.timeMs ?? 0) - (b.timeMs ?? 0))
  const error = lines.findLast(({ groups }) => groups.has('error'))?.groups.get('error')
  const counts = SIGNALS.map((signal) => countOf(signal, hits, logs))
  return {
    target,
    kind,
    ...(error !== undefined && { error }),
    lines,
    heartbeat: hits.some(({ signal }) => signal !== 'api-connection'),
    count: Math.max(lines.length, ...counts),
  }
}

/** All lines of a signal, where those that were kept of it are all of this failure; only its first and last ones are kept. */
function countOf(signal: SignalId, hits: readonly Hit[], logs: LogSignals): number {
  const all = logs.of(signal)
  const own = hits.filter((hit) => hit.signal === signal).length
  return all !== undefined && own === all.lines.length ? all.count : own
}
