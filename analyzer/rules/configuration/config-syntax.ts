import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import type { Confidence, Severity } from '../../engine/outcome.ts'
import { type Found, found, unchecked } from '../../engine/verdict.ts'
import { type ConfigFault, type ConfigFile, configFiles } from '../../facts/node/configFiles.ts'
import { CNI_READER, configReaderOf } from '../../facts/node/configReader.ts'
import { ignoredLines } from '../../facts/node/ignoredLines.ts'
import { type LogSignals, type LoggedLine, logSignals } from '../../facts/node/logSignals.ts'
import type { SignalId } from '../../logs/signals.ts'
import { isLookalike } from '../../parsers/lookalikes.ts'
import { type ConfigSyntax, type FaultName, text } from './config-syntax.text.ts'

type Note = FaultName | 'log'

const CITED = 5
/** Wordings that name the file they refuse. */
const REFUSALS: readonly SignalId[] = [
  'docker-config-refused',
  'static-pod-refused',
  'kubelet-config-refused',
  'cni-config-refused',
  'containerd-config-refused',
  'unit-line-ignored',
]

/** A captured configuration file breaks the grammar of who reads it, or only looks as if it did not. */
export default defineRule({
  id: 'config-syntax',
  area: 'configuration',
  severity: 'high',
  references: [
    { title: 'YAML 1.2', url: 'https://yaml.org/spec/1.2.2/' },
    { title: 'RFC 8259, JSON', url: 'https://www.rfc-editor.org/rfc/rfc8259' },
    { title: 'TOML 1.0', url: 'https://toml.io/en/v1.0.0' },
    {
      title: 'systemd.syntax(7)',
      url: 'https://www.freedesktop.org/software/systemd/man/latest/systemd.syntax.html',
    },
    { title: 'resolv.conf(5)', url: 'https://man7.org/linux/man-pages/man5/resolv.conf.5.html' },
  ],
  needs: { configFiles, ignoredLines },
  wants: { logs: logSignals },
  text,
  check({ configFiles, ignoredLines, logs }, node) {
    const files = [...configFiles, ...ignoredLines]
    // A runtime loads the first file of CNI's folder by name, and no other.
    const [firstNetwork] = configFiles
      .filter(({ reader }) => reader.effect === 'network')
      .map(({ path }) => path)
      .toSorted()
    const unseen = refusedUnseen(node.id, new Set(files.map(({ path }) => path)), logs)
    const isSound = files.every(({ faults }) => faults.length === 0)
    if (configFiles.length === 0 && unseen.length === 0 && isSound) return unchecked('noFiles')
    return [
      ...files
        .filter(({ faults }) => faults.length > 0)
        .map((file) => broken(file, node.id, file.path === firstNetwork, logs)),
      ...unseen,
    ]
  },
})

function broken(
  file: ConfigFile,
  node: string,
  isFirstNetwork: boolean,
  logs: LogSignals | undefined,
): Found<ConfigSyntax, Note> {
  const { path, reader, faults } = file
  const isRefused = reader.effect !== 'line' && faults.some((fault) => isFatal(file, fault))
  const named = faults.map((fault) => ({ name: nameOf(fault), fault }))
  const logged = linesAbout(path, logs)
  const last = logged.at(-1)
  return found<ConfigSyntax, Note>(
    {
      node,
      path,
      reader: reader.name,
      grammar: reader.grammar,
      effect: reader.effect === 'network' && !isFirstNetwork ? 'part' : reader.effect,
      isRefused,
      isLogged: last !== undefined,
      faults: named.map(({ name, fault }) => ({ name, line: fault.origin.line, column: fault.column })),
    },
    {
      subject: path,
      severity: severityOf(file, isRefused, isFirstNetwork),
      confidence: confidenceOf(file),
      evidence: [
        ...named
          .slice(0, CITED)
          .map(({ name, fault }) =>
            withNote<Note>(fault.origin, name, `${fault.column}\t${detailOf(fault)}`),
          ),
        ...(last === undefined ? [] : [withNote<Note>(last.origin, 'log')]),
      ],
      // Lines that are passed over explain nothing of the node as a whole.
      about: isRefused ? [`node:${node}`] : [],
    },
  )
}

/** Files that a component refused within the time of the logs, and that were not captured: what broke them is not seen. */
function refusedUnseen(
  node: string,
  seen: ReadonlySet<string>,
  logs: LogSignals | undefined,
): readonly Found<ConfigSyntax, Note>[] {
  const lines = REFUSALS.filter((signal) => signal !== 'unit-line-ignored').flatMap((signal) =>
    (logs?.of(signal)?.lines ?? []).filter(({ old }) => !old),
  )
  const byPath = new Map(lines.map((line) => [line.groups.get('file') ?? '', line]))
  return [...byPath].flatMap(([path, line]) => {
    const reader = configReaderOf(path) ?? (path.includes('/net.d/') ? CNI_READER : undefined)
    if (reader === undefined || seen.has(path)) return []
    const data = { node, path, reader: reader.name, grammar: reader.grammar, effect: reader.effect }
    return found<ConfigSyntax, Note>(
      { ...data, isRefused: true, isLogged: true, faults: [] },
      {
        subject: path,
        severity: 'high',
        confidence: 'likely',
        evidence: [withNote<Note>(line.origin, 'log')],
        about: [`node:${node}`],
      },
    )
  })
}

/** Go's YAML libraries take a key that is there twice; TOML's do not. */
function isFatal({ reader }: ConfigFile, { code }: ConfigFault): boolean {
  return code !== 'lookalike' && !(code === 'duplicate-key' && reader.grammar === 'yaml')
}

function severityOf({ reader, faults }: ConfigFile, isRefused: boolean, isFirstNetwork: boolean): Severity {
  if (isRefused)
    return reader.effect === 'part' || (reader.effect === 'network' && !isFirstNetwork) ? 'medium' : 'high'
  if (faults.some(({ code }) => code === 'carriage-return')) return 'high'
  return reader.grammar === 'hosts' ? 'low' : 'medium'
}

/**
 * The strict reader is proof where it and the reader on the node agree: Go's YAML takes quotes and brackets that close less indented,
 * musl takes carriage returns, and a character that is no grammar at all may be meant.
 */
function confidenceOf(file: ConfigFile): Confidence {
  const sure = file.faults.some(
    (fault) =>
      fault.code !== 'carriage-return' &&
      isFatal(file, fault) &&
      !(fault.code === 'not-closed' && file.reader.grammar === 'yaml'),
  )
  return sure ? 'certain' : 'likely'
}

function nameOf({ code, character }: ConfigFault): FaultName {
  if (character === '\ufeff') return 'byte-order-mark'
  return isLookalike(character) ? 'lookalike' : code
}

function detailOf({ character, message }: ConfigFault): string {
  const code = character.codePointAt(0)
  return isLookalike(character) && code !== undefined
    ? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
    : message
}

function linesAbout(path: string, logs: LogSignals | undefined): readonly LoggedLine[] {
  return REFUSALS.flatMap((signal) =>
    (logs?.of(signal)?.lines ?? []).filter(({ groups, old }) => !old && groups.get('file') === path),
  )
}
