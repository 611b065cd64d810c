import type { LoggedLine, LogSignals } from '../../facts/node/logSignals.ts'

/**
 * Whose certificate was refused: `api`, the API server's, by its clients; `client`, a client's, by the API server, a kubelet or etcd;
 * `registry`; `webhook`; `other`.
 */
export type RefusedKind = 'api' | 'client' | 'registry' | 'webhook' | 'other'

/** Log lines of one node that tell of one kind of refusal at one address. */
export interface UnknownAuthorityLines {
  readonly kind: RefusedKind
  /** `192.168.50.11:6443`; '' where the lines name none. */
  readonly host: string
  /** Oldest first. */
  readonly lines: readonly LoggedLine[]
}

/**
 * The lines `x509: certificate signed by unknown authority` of a node, by what they are about. `isApiServer` knows hosts; paths below
 * /api and /apis are of the API as well.
 */
export function unknownAuthorityLines(
  logs: LogSignals,
  isApiServer: (host: string) => boolean,
): readonly UnknownAuthorityLines[] {
  const groups = new Map<string, { kind: RefusedKind; host: string; lines: LoggedLine[] }>()
  for (const line of logs.of('certificate-unknown-authority')?.lines ?? []) {
    const { host, path } = calledIn(line.message)
    const kind = kindOf(line.message, path, isApiServer(host))
    const key = `${kind} ${host}`
    const group = groups.get(key) ?? { kind, host, lines: [] }
    groups.set(key, group)
    group.lines.push(line)
  }
  return [...groups.values()]
}

/** The last URL before the refusal: of redirects and proxies the one that was called in the end. */
function calledIn(message: string): { readonly host: string; readonly path: string } {
  const before = message.slice(0, Math.max(0, message.indexOf('x509: certificate signed')))
  const [, host = '', path = ''] =
    [...before.matchAll(/https?:\/\/([^\s"'/\\]{1,253})([^\s"'\\]{0,300})/g)].at(-1) ?? []
  return { host, path }
}

/** Wordings: apiserver/pkg/endpoints/filters/authentication.go; apiserver's webhook dispatcher; etcd's embed/config_logging.go. */
function kindOf(message: string, path: string, isApiServer: boolean): RefusedKind {
  if (/Unable to authenticate the request|rejected connection|TLS handshake error/.test(message))
    return 'client'
  if (message.includes('failed calling webhook')) return 'webhook'
  if (path.startsWith('/v2') || /failed to (?:pull|resolve)|ErrImagePull/.test(message)) return 'registry'
  return isApiServer || /^\/(?:api\/|apis\/|livez|healthz|readyz|cacerts)/.test(path) ? 'api' : 'other'
}
