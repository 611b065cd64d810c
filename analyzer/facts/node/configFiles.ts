import type { Capture } from '../../bundle/bundle.ts'
import { type Shortfall, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import type { CniConf } from '../../parsers/cniConf.ts'
import { findLookalikes } from '../../parsers/lookalikes.ts'
import type { SyntaxFault } from '../../parsers/syntaxFault.ts'
import { captured } from '../../sources/captured.ts'
import type { Line } from '../../text/line.ts'
import { CNI_READER, type ConfigReader, configReaderOf } from './configReader.ts'
import { syntaxFaults } from './syntaxFaults.ts'

/** A fault of a configuration file, with the line that shows it. */
export interface ConfigFault extends Omit<SyntaxFault, 'code' | 'line'> {
  /** `lookalike`: the grammar allows the character, but it is not the one that was meant. */
  readonly code: Exclude<SyntaxFault['code'], 'limit'> | 'lookalike' | 'carriage-return'
  readonly origin: Evidence
}

/** A configuration file of the node, read by its grammar. */
export interface ConfigFile {
  /** On the node. */
  readonly path: string
  readonly reader: ConfigReader
  /** In the order of the file; none: it is sound. */
  readonly faults: readonly ConfigFault[]
  /** What was withheld took brackets or quotes along, and behind it nothing can be judged. */
  readonly isHidden?: true
}

/** A text of which no configuration is, and which would cost much to read. */
const MAX_CHARACTERS = 256 * 1024
/** What is filled in later: Helm, Go templates, the installers of CNI plugins. */
const TEMPLATE = /\{\{|__[A-Z][A-Z0-9_]*__/
/** What the collector writes in place of secrets. */
const WITHHELD = '<withheld>'
const FOLDERS = /^(?:kube|runtime)\/config/

interface Judged {
  readonly path: string
  readonly reader: ConfigReader
  readonly lines: readonly Line[]
  readonly faults: () => readonly SyntaxFault[]
  readonly cite: (line: Line) => Evidence
}

/**
 * Every captured configuration file, read strictly by the grammar of who reads it on the node. Templates are left out. Files beyond
 * 256 Ki characters, and those where what was withheld hides whether they are whole, are a shortfall.
 */
export const configFiles = defineNodeFact({
  name: 'configuration files',
  needs: { kube: captured.kubeConfigFiles, runtime: captured.runtimeConfig, cni: captured.cniConf },
  compute({ kube, runtime, cni }, node) {
    const texts = [
      ...kube.map((file) => ({ file, text: file.value.lines.map(({ text }) => text).join('\n') })),
      ...runtime.map((file) => ({ file, text: file.value.text })),
    ]
    const oversize = texts.filter(({ text }) => text.length > MAX_CHARACTERS)
    const judged = texts.filter(({ text }) => text.length <= MAX_CHARACTERS && !TEMPLATE.test(text))
    const files = [...judged.flatMap(({ file, text }) => ofText(file, text)), ...cni.map(ofCni)].map(judge)
    const hidden = files.filter(({ isHidden }) => isHidden === true)
    const short = (code: Shortfall['code'], what: Shortfall['what']): Shortfall => ({
      code,
      node: node.id,
      what,
    })
    return available(files, [
      ...oversize.map(({ file }) => short('undetermined', file.path)),
      ...hidden.map(({ path }) => short('withheld', { en: `a part of ${path}`, zh: `${path} 的一部分` })),
    ])
  },
})

function ofText(file: Capture<{ readonly lines: readonly Line[] }>, text: string): readonly Judged[] {
  const path = file.path.replace(FOLDERS, '')
  const reader = configReaderOf(path)
  if (reader === undefined) return []
  const { lines } = file.value
  return [{ path, reader, lines, faults: () => syntaxFaults(reader.grammar, text, lines), cite: file.cite }]
}

/** A string may hold a placeholder that the plugin's installer fills in; one that stands bare breaks the file. */
function ofCni(file: Capture<CniConf>): Judged {
  const { error } = file.value
  const isFilledIn =
    error !== undefined && (TEMPLATE.test(error.line.text) || error.line.text.includes(WITHHELD))
  const onNode = /^cat (\/\S+)$/.exec(file.command ?? '')?.[1]
  return {
    path: onNode ?? file.path.replace('cni/net.d/', '/etc/cni/net.d/'),
    reader: CNI_READER,
    lines: [],
    faults: () => (error === undefined || isFilledIn ? [] : [error]),
    cite: file.cite,
  }
}

function judge({ path, reader, lines, faults, cite }: Judged): ConfigFile {
  const broken = faults()
  const scar = broken.length === 0 ? undefined : lines.find(({ text }) => isScarred(text))?.number
  if (broken.some(({ line }) => line.number >= (scar ?? Infinity)))
    return { path, reader, faults: [], isHidden: true }
  const odd = reader.grammar === 'json' || reader.grammar === 'toml' ? [] : findLookalikes(lines)
  const known = new Set(broken.map(({ line }) => line.number))
  const lookalikes = odd
    .filter(({ line }) => !known.has(line.number))
    .map(({ line, column, character }): ConfigFault => ({
      code: 'lookalike',
      message: '',
      column,
      character,
      origin: cite(line),
    }))
  const inGrammar = broken.flatMap(({ line, code, ...fault }): ConfigFault[] =>
    // What is beyond the limits of a reader here says nothing of the reader on the node.
    code === 'limit' ? [] : [{ ...fault, code, origin: cite(line) }],
  )
  const inOrder = [...inGrammar, ...lookalikes].toSorted((a, b) => a.origin.line - b.origin.line)
  return { path, reader, faults: inOrder }
}

/** A line of which the collector cut out more than a value: its brackets or quotes no longer pair, or it lost its indentation. */
function isScarred(text: string): boolean {
  if (!text.includes(WITHHELD)) return false
  const count = (characters: RegExp): number => text.match(characters)?.length ?? 0
  const pairs = count(/[[{]/g) === count(/[\]}]/g) && count(/"/g) % 2 === 0 && count(/'/g) % 2 === 0
  return text === WITHHELD || !pairs
}
