import type { Evidence } from '../engine/evidence.ts'
import type { CaptureStatus } from '../parsers/manifest.ts'
import type { FolderCapture, SingleCapture } from '../sources/captures.ts'
import type { Line } from '../text/line.ts'
import type { Capture, MissingCapture, SourceRow } from './bundle.ts'
import type { SourceTable } from './sourceLookup.ts'

/** What a bundle holds of each source, by the key of the source. */
export type CapturesByKey = ReadonlyMap<string, SingleCapture<unknown> | FolderCapture<unknown>>

/** A file that came, or that the manifest names. */
export interface CapturedFile {
  readonly path: string
  /** Of its source; null where it is no capture. */
  readonly key: string | null
  readonly status: SourceRow['status']
  /** The command that made it; null where the bundle does not tell. */
  readonly command: string | null
  /** Null where the capture is missing. */
  readonly captured: { readonly status: CaptureStatus; readonly value: unknown } | null
}

interface Context {
  readonly table: SourceTable
  /** By the path of the capture. */
  readonly stderr: ReadonlyMap<string, readonly Line[]>
  /** The status of a source that neither a file nor the manifest tells of. */
  readonly silent: 'damaged' | 'not-captured'
  /** Of the bundle, for evidence. */
  readonly id: string
}

/** The captures of every source of the table; those that are missing say why. */
export function capturesByKey(files: readonly CapturedFile[], context: Context): CapturesByKey {
  const byKey = new Map<string, CapturedFile[]>()
  for (const file of files) {
    if (file.key === null) continue
    const known = byKey.get(file.key)
    if (known === undefined) byKey.set(file.key, [file])
    else known.push(file)
  }
  const captures = new Map<string, SingleCapture<unknown> | FolderCapture<unknown>>()
  for (const [key, source] of Object.entries(context.table)) {
    const own = (byKey.get(key) ?? []).map((file) => captureOf(file, context))
    captures.set(key, source.many ? folderOf(own) : (own[0] ?? silentCapture(source.path, context)))
  }
  return captures
}

function folderOf(all: readonly SingleCapture<unknown>[]): FolderCapture<unknown> {
  const captures: Capture<unknown>[] = []
  const missing: MissingCapture[] = []
  for (const capture of all) {
    if ('value' in capture) captures.push(capture)
    else missing.push(capture)
  }
  return { captures, missing }
}

function captureOf(
  { path, status, command, captured }: CapturedFile,
  { stderr, id }: Context,
): SingleCapture<unknown> {
  const told = {
    path,
    stderr: stderr.get(path) ?? [],
    ...(command === null || command === '' ? {} : { command }),
  }
  if (captured === null) return { ...told, status: missingStatus(status) }
  const cite = ({ number, text }: Line): Evidence => ({ bundle: id, path, line: number, text })
  return { ...told, status: captured.status, value: captured.value, cite } satisfies Capture<unknown>
}

function silentCapture(path: string, { stderr, silent }: Context): MissingCapture {
  return { path, status: silent, stderr: stderr.get(path) ?? [] }
}

/** A file whose capture went well enough to leave one, and that is not here or not readable, is a damaged one. */
function missingStatus(status: SourceRow['status']): MissingCapture['status'] {
  return status === 'ok' || status === 'empty' || status === 'truncated' ? 'damaged' : status
}
