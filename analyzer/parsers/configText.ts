import type { Line } from '../text/line.ts'
import { textLines } from '../text/textLines.ts'
import type { TextParser } from './parser.ts'

/** A configuration file whose grammar its path tells. */
export interface ConfigText {
  /** As it is on the node, byte order mark and carriage returns included. */
  readonly text: string
  readonly lines: readonly Line[]
}

/**
 * `runtime/config/<original path>`: containerd's config.toml, docker's daemon.json, registries.yaml…, secrets replaced by `<withheld>`:
 * ```
 * version = 2
 * [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
 *   SystemdCgroup = true
 * ```
 */
export const configText: TextParser<ConfigText> = {
  kind: 'text',
  maxBytes: 1024 * 1024,
  keepsByteOrderMark: true,
  parse: (text) => ({ value: { text, lines: [...textLines(text)] }, unread: [] }),
}
