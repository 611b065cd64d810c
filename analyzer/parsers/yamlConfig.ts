import type { Line } from '../text/line.ts'
import { textLines } from '../text/textLines.ts'
import { type JsonValue, field } from './jsonValue.ts'
import type { TextParser } from './parser.ts'
import type { SyntaxFault } from './syntaxFault.ts'
import { unreadLines } from './unreadLines.ts'
import { type KeyPath, type YamlText, parseYamlText } from './yamlText.ts'

/** A configuration file. */
export interface YamlConfig {
  /**
   * `environment`: `KEY=value` lines; `systemd`: sections of `Key=value` lines; `oversize`: a text beyond 256 Ki characters,
   * which no configuration of a node is. Only `yaml` has documents and errors.
   */
  readonly format: 'yaml' | 'environment' | 'systemd' | 'oversize'
  readonly lines: readonly Line[]
  readonly documents: readonly YamlText[]
  /** Where it breaks the grammar of YAML: its reader refuses it. */
  readonly errors: readonly SyntaxFault[]
}

/** A value of a configuration file and the line that sets it. */
export interface ConfigValue {
  readonly value: JsonValue
  readonly line: Line
}

/** The YAML library spends up to a kilobyte on every error, and a hostile text has one in every other byte. */
const MAX_CHARACTERS = 256 * 1024

const SECTION = /^\[[A-Z][A-Za-z0-9-]*\]\s*$/
const ASSIGNMENT = /^(?:export )?[A-Za-z_][A-Za-z0-9_]*=/

/**
 * `kube/config/<original path>`: k3s and rke2 configuration, kubelet configuration, static pod manifests; kubeadm flags and
 * systemd drop-ins too. The collector wrote `<withheld>` in place of secrets.
 * ```
 * node-ip: 192.168.50.11
 * flannel-iface: eth1
 * token: <withheld>
 * ```
 */
export const yamlConfig: TextParser<YamlConfig> = {
  kind: 'text',
  maxBytes: 1024 * 1024,
  parse(text) {
    const lines = [...textLines(text)]
    if (text.length > MAX_CHARACTERS) {
      return { value: { format: 'oversize', lines, documents: [], errors: [] }, unread: unreadLines(text) }
    }
    const format = formatOf(lines)
    if (format !== 'yaml') return { value: { format, lines, documents: [], errors: [] }, unread: [] }
    const { documents, errors } = parseYamlText(text)
    // A broken file was read all the same: that it is broken is what it says.
    const beyond = errors.filter(({ code }) => code === 'limit')
    const unread = new Map(beyond.map(({ line }) => [line.number, line]))
    return { value: { format, lines, documents, errors }, unread: [...unread.values()] }
  },
}

/** What the first document that has this key path sets it to. */
export function configValue(config: YamlConfig, path: KeyPath): ConfigValue | undefined {
  for (const document of config.documents) {
    const value = field(document.value, ...path)
    const line = value === undefined ? undefined : document.lineOf(path)
    if (value !== undefined && line !== undefined) return { value, line }
  }
  return undefined
}

function formatOf(lines: readonly Line[]): YamlConfig['format'] {
  const first = lines.find(({ text }) => !/^\s*(?:[#;]|$)/.test(text))?.text ?? ''
  if (SECTION.test(first)) return 'systemd'
  return ASSIGNMENT.test(first) ? 'environment' : 'yaml'
}
