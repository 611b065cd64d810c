import type { Line } from '../text/line.ts'
import type { TextParser } from './parser.ts'
import { tabTable } from './tabTable.ts'

/** A kubeconfig file of the node, without anything secret. */
export interface KubeConfigEntry {
  readonly path: string
  /** `https://192.168.50.11:6443`; '' where the file names none. */
  readonly server: string
  /** SHA-256 of the CA that it trusts, lower-case hexadecimal; '' where it has none. */
  readonly caSha256: string
  /** How it logs in: `client-certificate`, `token`…; '' where it does not. */
  readonly userKind: string
  readonly line: Line
}

const COLUMNS = ['path', 'server', 'ca_sha256', 'user_kind'] as const
/** What is written in an empty cell. */
const NONE = '-'

/**
 * `kube/kubeconfigs.tsv`, as the collector writes it, with or without its header row:
 * ```
 * path	server	ca_sha256	user_kind
 * /etc/kubernetes/kubelet.conf	https://192.168.50.11:6443	9f86d081…	client-certificate
 * ```
 */
export const kubeConfigs: TextParser<readonly KubeConfigEntry[]> = {
  kind: 'text',
  maxBytes: 1024 * 1024,
  parse(text) {
    const value: KubeConfigEntry[] = []
    const unread: Line[] = []
    for (const { cells, line } of tabTable(text)) {
      if (line.text.trim() === '' || cells[0] === COLUMNS[0]) continue
      const [path = '', server = '', caSha256 = '', userKind = ''] = cells.map((cell) =>
        cell === NONE ? '' : cell,
      )
      if (path.startsWith('/') && cells.length === COLUMNS.length) {
        value.push({ path, server, caSha256: fingerprint(caSha256), userKind, line })
      } else unread.push(line)
    }
    return { value, unread }
  },
}

/** openssl prints `SHA256 Fingerprint=AB:CD:…`, sha256sum plain digits. */
function fingerprint(text: string): string {
  const digits = text.slice(text.indexOf('=') + 1).replaceAll(':', '')
  return digits.toLowerCase()
}
