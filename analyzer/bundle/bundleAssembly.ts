import { ownMemory } from '../parsers/ownMemory.ts'
import type { ManifestRow } from '../parsers/manifest.ts'
import type { BundleProblem, SourceRow } from './bundle.ts'
import type { BundleContents, BundleFile } from './bundleIntake.ts'
import { type CapturedFile, type CapturesByKey, capturesByKey } from './capturesByKey.ts'
import { entryName } from './entryName.ts'
import { type Ledger, type ReadFile, allSkipped, startFile } from './fileIntake.ts'
import type { Host } from './host.ts'
import type { Limits } from './limits.ts'
import { says } from './sentences.ts'
import type { FoundSource, SourceTable } from './sourceLookup.ts'
import { stderrLines } from './stderrLines.ts'

/** The files of a bundle held against its manifest. */
export interface Assembly {
  /** Sorted by path. */
  readonly rows: readonly SourceRow[]
  /** The captures, citing under the final id of the bundle. */
  readonly captures: (id: string) => CapturesByKey
}

/** A path of the bundle: what came of it, and what the manifest says. */
interface Item extends CapturedFile {
  readonly row: SourceRow
}

interface Needs {
  readonly table: SourceTable
  readonly limits: Limits
  readonly host: Host
}

/** Compares files and manifest; what differs becomes a problem in the log of the contents. */
export function assemble(contents: BundleContents, { table, limits, host }: Needs): Assembly {
  const { problems } = contents
  const silent = contents.manifest === null && problems.lostEntries() ? 'damaged' : 'not-captured'
  const listed = listedRows(contents, limits)
  const items: Item[] = []
  for (const file of contents.files.values()) items.push(fileItem(file, listed.get(file.path), problems.add))
  for (const [path, row] of listed) {
    if (!contents.files.has(path)) items.push(missingItem(path, row, contents, host))
  }
  items.sort((a, b) => (a.path < b.path ? -1 : 1))
  const stderr = stderrLines(contents.files)
  return {
    rows: items.map(({ row }) => row),
    captures: (id) => capturesByKey(items, { table, stderr, silent, id }),
  }
}

/** The manifest's rows by path; of rows with one path the last. */
function listedRows({ manifest, files, problems }: BundleContents, limits: Limits): Map<string, ManifestRow> {
  const rows = new Map<string, ManifestRow>()
  if (manifest === null) {
    problems.add({ code: 'manifest-missing', message: says.noManifest })
    return rows
  }
  const unread =
    [...files.values()].find(({ source }) => source?.kind === 'manifest')?.ledger.unreadLines ?? 0
  if (unread > 0 || manifest.version === undefined) {
    const message = unread > 0 ? says.manifestUnreadLines(unread) : says.manifestWithoutVersion
    problems.add({ code: 'manifest-damaged', message })
  }
  if (manifest.version !== undefined && manifest.version > KNOWN_VERSION) {
    const message = says.newerVersion(manifest.version, KNOWN_VERSION)
    problems.add({ code: 'manifest-newer', message })
  }
  for (const row of manifest.rows) {
    const name = entryName(row.path, limits)
    if ('problem' in name) problems.add(name.problem)
    else rows.set(name.path, row)
  }
  return rows
}

const KNOWN_VERSION = 1

function fileItem(
  file: BundleFile,
  listed: ManifestRow | undefined,
  say: (problem: BundleProblem) => void,
): Item {
  const { path, source, ledger, read } = file
  const altered = read !== undefined && listed !== undefined && differs(read, listed)
  if (altered) {
    say({ code: 'file-altered', message: says.fileAltered, path })
  }
  if (ledger.dropped > 0) {
    const code = source?.parser?.kind === 'text' ? 'limit-text-bytes' : 'limit-line-bytes'
    say({ code, message: says.beyondLimit(ledger.dropped), path })
  }
  const status = listed?.status ?? (ledger.bytes === 0 ? 'empty' : 'ok')
  const lost = read === undefined || read.broken !== undefined
  return {
    path,
    key: source?.kind === 'capture' ? source.key : null,
    status,
    row: rowOf(file, { status: lost || altered ? 'damaged' : status, droppedOnNode: listed?.dropped ?? 0 }),
    command: listed?.command ?? null,
    // An altered file is read like one that was cut: what it says may be told, what it does not say proves nothing.
    captured:
      read?.parsed === undefined
        ? null
        : { status: altered ? 'truncated' : status, value: read.parsed.value },
  }
}

function differs(read: ReadFile, { sha256, bytes }: ManifestRow): boolean {
  if (sha256 !== undefined && sha256 !== read.sha256) return true
  return bytes !== undefined && bytes !== read.ledger.bytes
}

function missingItem(
  path: string,
  listed: ManifestRow,
  { problems, lookup }: BundleContents,
  host: Host,
): Item {
  const source = lookup(path)
  const lost = listed.status === 'ok' || listed.status === 'truncated'
  if (lost) problems.add({ code: 'file-missing', message: says.fileMissing, path })
  const status = lost ? 'damaged' : listed.status
  const blank =
    listed.status === 'empty' && source !== null
      ? startFile(source.parser, host, ownMemory).end().parsed
      : undefined
  const file = { path, source, ledger: allSkipped(0) }
  return {
    path,
    key: source?.kind === 'capture' ? source.key : null,
    status,
    row: rowOf(file, { status, droppedOnNode: listed.dropped }),
    command: listed.command,
    captured: blank === undefined ? null : { status: 'empty', value: blank.value },
  }
}

function rowOf(
  {
    path,
    source,
    ledger,
  }: { readonly path: string; readonly source: FoundSource | null; readonly ledger: Ledger },
  { status, droppedOnNode }: Pick<SourceRow, 'status' | 'droppedOnNode'>,
): SourceRow {
  return { source: source?.name ?? 'unknown', path, status, ...ledger, droppedOnNode }
}
