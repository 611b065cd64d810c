import type { Line } from '../text/line.ts'
import type { LineParser } from './parser.ts'

/** What a tool said when it was asked for its version. */
export interface ToolVersion {
  /** The tool as the collector calls it: `iptables`, `kubelet`, `k3s`… */
  readonly name: string
  readonly output: string
  readonly line: Line
}

/**
 * `meta/versions.txt`, a tool a line:
 * ```
 * iptables: iptables v1.8.9 (nf_tables)
 * kubelet: Kubernetes v1.28.5
 * ```
 */
export const toolVersions: LineParser<readonly ToolVersion[]> = {
  kind: 'lines',
  start() {
    const versions: ToolVersion[] = []
    return {
      line(text, number) {
        if (text.trim() === '') return true
        const [, name, output = ''] = /^([^\s:]{1,200}):(?: (.*))?$/.exec(text) ?? []
        if (name === undefined) return false
        versions.push({ name, output: output.trim(), line: { number, text } })
        return true
      },
      end: () => versions,
    }
  },
}
