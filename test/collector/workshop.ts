import { type SpawnSyncReturns, execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The script under test. */
export const COLLECTOR = fileURLToPath(new URL('../../collector/collect.sh', import.meta.url))
/** Where the tools of a Debian node lie. */
export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Every shell that the collector promises to run in; one that is not installed fails its tests. */
export const SHELLS: readonly (readonly [string, ...string[]])[] = [
  ['dash'],
  ['bash', '--posix'],
  ['busybox', 'sh'],
  ['ksh'],
  ['mksh'],
]

/** A folder for one test, with a file tree that stands for a node's, stub tools, and a place for the bundle. */
export interface Workshop {
  readonly folder: string
  readonly root: string
  readonly stubs: string
  readonly out: string
}

/** A bundle, unpacked by GNU tar. */
export interface Unpacked {
  readonly archive: string
  /** The one top folder. */
  readonly top: string
  readonly rows: readonly Row[]
  /** Path in the bundle → content, without the manifest. */
  readonly files: ReadonlyMap<string, Buffer>
}

/** A row of the manifest. */
export interface Row {
  readonly source: string
  readonly path: string
  readonly status: string
  readonly exit: string
  readonly ms: string
  readonly bytes: string
  readonly dropped: string
  readonly sha256: string
  readonly command: string
}

const COLUMNS = ['source', 'path', 'status', 'exit', 'ms', 'bytes', 'dropped', 'sha256', 'command'] as const

/** Makes the folders of a test below the system's folder for temporary files. */
export function openWorkshop(): Workshop {
  const folder = mkdtempSync(join(tmpdir(), 'collector-test-'))
  const workshop = {
    folder,
    root: join(folder, 'root'),
    stubs: join(folder, 'stubs'),
    out: join(folder, 'out'),
  }
  for (const path of [workshop.root, workshop.stubs, workshop.out]) mkdirSync(path)
  return workshop
}

/** Removes them. */
export function closeWorkshop({ folder }: Workshop): void {
  rmSync(folder, { recursive: true, force: true })
}

/** Writes a file of the node, with the folders above it. */
export function plant({ root }: Workshop, path: string, content: string, mode = 0o644): void {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content, { mode })
}

/** Writes a tool of the node: the body of a shell script. */
export function stub({ stubs }: Workshop, tool: string, body: string): void {
  const file = join(stubs, tool)
  writeFileSync(file, `#!/bin/sh\n${body}\n`)
  chmodSync(file, 0o755)
}

/** The command line that runs the collector in a network namespace of its own. */
export function commandLine(
  workshop: Workshop,
  shell: readonly string[],
  options: readonly string[] = [],
): string[] {
  const isolate = process.getuid?.() === 0 ? '-n' : '-rn'
  const places = ['--out', workshop.out, '--root', workshop.root]
  return ['unshare', isolate, ...shell, COLLECTOR, ...places, ...options]
}

/** Runs the collector to its end. */
export function collect(
  workshop: Workshop,
  shell: readonly string[] = ['dash'],
  options: readonly string[] = [],
  path = `${workshop.stubs}:${SYSTEM_PATH}`,
): SpawnSyncReturns<string> {
  const [command = '', ...rest] = commandLine(workshop, shell, options)
  const env = { PATH: process.env['PATH'] ?? SYSTEM_PATH, COLDCASE_PATH: path, TMPDIR: workshop.folder }
  return spawnSync(command, rest, { encoding: 'utf8', env, cwd: workshop.folder, timeout: 300_000 })
}

/** Unpacks the one bundle that a run left, and reads its manifest. */
export function unpack({ folder, out }: Workshop, stdout: string): Unpacked {
  const archive = stdout.replace(/\n$/, '')
  const into = mkdtempSync(join(folder, 'unpacked-'))
  execFileSync('tar', ['-xf', archive, '-C', into])
  const [top = '', ...others] = readdirSync(into)
  if (others.length > 0 || !archive.startsWith(`${out}/`))
    throw new Error(`not one top folder: ${others.join()}`)
  const files = new Map(
    filesBelow(join(into, top)).map((path) => [path, readFileSync(join(into, top, path))]),
  )
  const rows = rowsOf(files.get('manifest.tsv')?.toString() ?? '')
  files.delete('manifest.tsv')
  return { archive, top: join(into, top), rows, files }
}

function rowsOf(manifest: string): Row[] {
  const [first, header, ...lines] = manifest.replace(/\n$/, '').split('\n')
  if (first !== '# coldcase-bundle 1' || header !== COLUMNS.join('\t'))
    throw new Error(`manifest head: ${first}`)
  return lines.map((line) => {
    const cells = line.split('\t')
    if (cells.length !== COLUMNS.length) throw new Error(`manifest row: ${line}`)
    const [source = '', path = '', status = '', exit = '', ms = '', bytes = '', dropped = '', sha256 = ''] =
      cells
    return { source, path, status, exit, ms, bytes, dropped, sha256, command: cells[8] ?? '' }
  })
}

/** Paths of all files below a folder, relative to it. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .toSorted()
}

/** What is wrong between a manifest and the files it speaks of; empty when nothing is. */
export function discrepancies({ rows, files }: Unpacked): string[] {
  const wrong: string[] = []
  const named = new Set(rows.map(({ path }) => path))
  if (named.size !== rows.length) wrong.push('a path has two rows')
  for (const { path, status, exit, ms, bytes, dropped, sha256 } of rows) {
    const content = files.get(path)
    const mayLack = !['ok', 'empty', 'truncated'].includes(status)
    if (content === undefined && !(mayLack && bytes === '0' && sha256 === '-')) wrong.push(`${path}: no file`)
    if (content && `${content.length}` !== bytes) wrong.push(`${path}: bytes`)
    if (content && createHash('sha256').update(content).digest('hex') !== sha256)
      wrong.push(`${path}: sha256`)
    if (!/^(-|\d+)$/.test(exit) || !/^\d+$/.test(ms) || !/^\d+$/.test(dropped)) wrong.push(`${path}: numbers`)
    if (!/^(ok|empty|absent|denied|timeout|truncated|failed|withheld)$/.test(status))
      wrong.push(`${path}: ${status}`)
  }
  for (const path of files.keys())
    if (!named.has(path.replace(/\.stderr$/, ''))) wrong.push(`${path}: no row`)
  return wrong
}

/** Status of the capture at a path; undefined where it has no row. */
export function statusOf({ rows }: Unpacked, path: string): string | undefined {
  return rows.find((row) => row.path === path)?.status
}
