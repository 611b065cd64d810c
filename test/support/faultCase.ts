import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { analyze } from '../../analyzer/analyze.ts'
import type { BundleInput, FolderFile } from '../../analyzer/bundle/bundleInput.ts'
import { nodeHost } from '../../analyzer/cli/nodeHost.ts'
import type { Outcome } from '../../analyzer/engine/outcome.ts'
import { inventory } from '../../analyzer/parsers/inventory.ts'
import type { Report } from '../../analyzer/report/report.ts'

/** Where the fixtures lie. */
export const FIXTURES = new URL('../../fixtures', import.meta.url).pathname

/** A change of one file of one node: `find` must stand in it, and every place is changed. */
export interface Edit {
  /** `node-2/sysctl/values.txt`. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** Copies of one line, put behind it. */
export interface Repeat {
  readonly file: string
  /** The whole line, without its counters if it has some. */
  readonly line: string
  /** How often the line stands there afterwards. */
  readonly times: number
}

/** What a fixture says of itself: fixtures/faults/<rule>/<case>/case.json, described in CONTRIBUTING.md. */
export interface FaultCase {
  /** What was done to the nodes, and how it is known that it is a fault, or that it is none. */
  readonly about: string
  /** A folder of fixtures/nodes that the case's own files are laid over. */
  readonly base: string
  /** Only these nodes of the base. */
  readonly nodes?: readonly string[]
  /** Files of the base that were not captured, as `node-1/net/ip-neigh.txt`. */
  readonly remove?: readonly string[]
  readonly edits?: readonly Edit[]
  readonly repeat?: readonly Repeat[]
  /** Rows to add to a file, as `{"node-1/net/ip-neigh.txt": ["…"]}`. */
  readonly append?: Readonly<Record<string, readonly string[]>>
  /** Manifest status of a file, or of a capture that was not made: `{"node-1/net/ip-neigh.txt": "truncated"}`. */
  readonly status?: Readonly<Record<string, string>>
  /** Text of a CSV for `--inventory`. */
  readonly inventory?: string
  /** Exactly the outcomes that differ from those of the base. */
  readonly outcomes: Readonly<Record<string, string>>
}

type Files = Map<string, Buffer>

/** The files of all nodes below a folder of fixtures, by `node/path`. */
function readTree(folder: string): Files {
  const files: Files = new Map()
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const name = path.slice(folder.length + 1)
    if (name.includes('/')) files.set(name, readFileSync(path))
  }
  return files
}

/** The bundles of a sound base, as they stand in fixtures/nodes. */
export function soundNodes(base: string): readonly BundleInput[] {
  return bundlesOf(readTree(join(FIXTURES, 'nodes', base)), new Map(), undefined)
}

/** The bundles of a case: the base with the case's own files, edits and removals. */
export function faultNodes(folder: string, fault: FaultCase): readonly BundleInput[] {
  const files = readTree(join(FIXTURES, 'nodes', fault.base))
  for (const [path, bytes] of readTree(folder)) files.set(path, bytes)
  for (const [path, rows] of Object.entries(fault.append ?? {})) {
    const before = files.get(path)?.toString('latin1') ?? ''
    files.set(path, Buffer.concat([Buffer.from(before, 'latin1'), Buffer.from(`${rows.join('\n')}\n`)]))
  }
  for (const edit of fault.edits ?? []) {
    const before = files.get(edit.file)?.toString('utf8')
    if (before === undefined || !before.includes(edit.find))
      throw new Error(`${folder}: '${edit.find}' is not in ${edit.file}`)
    files.set(edit.file, Buffer.from(before.replaceAll(edit.find, edit.replace)))
  }
  for (const repeat of fault.repeat ?? []) {
    const lines = files.get(repeat.file)?.toString('utf8').split('\n') ?? []
    const at = lines.findIndex((line) => line.replace(/^\[\d+:\d+\] /, '') === repeat.line)
    const original = lines[at]
    if (original === undefined) throw new Error(`${folder}: '${repeat.line}' is no line of ${repeat.file}`)
    lines.splice(at, 1, ...Array.from({ length: repeat.times }, () => original))
    files.set(repeat.file, Buffer.from(lines.join('\n')))
  }
  for (const path of fault.remove ?? []) {
    if (!files.delete(path)) throw new Error(`${folder}: there is no ${path} to remove`)
  }
  return bundlesOf(files, new Map(Object.entries(fault.status ?? {})), fault.nodes)
}

function bundlesOf(
  files: Files,
  statuses: ReadonlyMap<string, string>,
  only: readonly string[] | undefined,
): readonly BundleInput[] {
  const byNode = new Map<string, Files>()
  for (const [path, bytes] of files) {
    const [node = '', ...rest] = path.split('/')
    if (only !== undefined && !only.includes(node)) continue
    const own = byNode.get(node) ?? new Map<string, Buffer>()
    own.set(rest.join('/'), bytes)
    byNode.set(node, own)
  }
  return [...byNode].map(([node, own]) => {
    own.set('manifest.tsv', manifestOf(node, own, statuses))
    return { kind: 'folder', file: node, files: asFolder(own) }
  })
}

/** The base's rows of captures that were not made, and a fresh row for every file. */
function manifestOf(node: string, files: Files, statuses: ReadonlyMap<string, string>): Buffer {
  const old = (files.get('manifest.tsv')?.toString('utf8') ?? '').split('\n').slice(2)
  const rows = old.filter((row) =>
    ['absent', 'denied', 'withheld', 'timeout', 'failed'].includes(row.split('\t')[2] ?? ''),
  )
  for (const [path, bytes] of files) {
    if (path === 'manifest.tsv') continue
    const status = statuses.get(`${node}/${path}`) ?? (bytes.length === 0 ? 'empty' : 'ok')
    const digest = createHash('sha256').update(bytes).digest('hex')
    rows.push(['-', path, status, '0', '1', String(bytes.length), '0', digest, '-'].join('\t'))
  }
  for (const [path, status] of statuses) {
    const own = path.startsWith(`${node}/`) ? path.slice(node.length + 1) : undefined
    if (own !== undefined && !files.has(own))
      rows.push(['-', own, status, '-', '0', '0', '0', '-', '-'].join('\t'))
  }
  const header = 'source\tpath\tstatus\texit\tms\tbytes\tdropped\tsha256\tcommand'
  return Buffer.from(['# coldcase-bundle 1', header, ...rows, ''].join('\n'))
}

async function* asFolder(files: Files): AsyncGenerator<FolderFile> {
  for (const [path, bytes] of files) yield { path, sizeBytes: bytes.length, bytes: once(bytes) }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** Judges bundles as `coldcase analyze` does. */
export async function judge(inputs: readonly BundleInput[], inventoryText = ''): Promise<Report> {
  return await analyze(inputs, nodeHost, {
    language: 'en',
    inventory: inventory.parse(inventoryText).value,
    onInput: () => {},
    onBytes: () => {},
  })
}

/** Outcomes by id, in short: `clear`, `unchecked`, `found critical certain`; an effect bears the id of its cause behind ` < `. */
export function inShort(outcomes: readonly Outcome[]): Readonly<Record<string, string>> {
  return Object.fromEntries(outcomes.map((outcome) => [outcome.id, shortOutcome(outcome)]))
}

function shortOutcome(outcome: Outcome): string {
  if (outcome.state !== 'found') return outcome.state
  const causes = outcome.causedBy.map((id) => ` < ${id}`).join('')
  return `found ${outcome.severity} ${outcome.confidence}${causes}`
}
