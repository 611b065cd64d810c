import type { Evidence } from '../engine/evidence.ts'
import type { Sentence } from '../engine/language.ts'
import type { CaptureStatus } from '../parsers/manifest.ts'
import type { Line } from '../text/line.ts'

/** One file of a bundle, read. */
export interface Capture<T> {
  readonly path: string
  readonly status: CaptureStatus
  readonly value: T
  /** The command that made it, where the manifest tells. */
  readonly command?: string
  /** What the command wrote to standard error, up to a few lines. */
  readonly stderr: readonly Line[]
  /** A line of it, as evidence. */
  readonly cite: (line: Line) => Evidence
}

/** A capture that was not made, or whose file was lost. */
export interface MissingCapture {
  readonly path: string
  readonly status: Exclude<CaptureStatus, 'ok' | 'empty' | 'truncated'> | 'damaged' | 'not-captured'
  readonly command?: string
  readonly stderr: readonly Line[]
}

/** Something wrong with a bundle as a container. */
export interface BundleProblem {
  /** Stable, in kebab-case: `archive-truncated`, `manifest-missing`, `file-altered`… */
  readonly code: string
  readonly message: Sentence
  readonly path?: string
}

/** What became of the bytes of one file: `bytes = parsed + skipped + dropped`. */
export interface SourceRow {
  /** Name of the source, or `unknown` for a path that no source has. */
  readonly source: string
  readonly path: string
  readonly status: CaptureStatus | 'damaged'
  /** Bytes of the file as it came in the bundle. */
  readonly bytes: number
  readonly parsed: number
  /** Bytes of lines that could not be read, and of files that no parser reads. */
  readonly skipped: number
  /** Bytes beyond a limit of the analyzer. */
  readonly dropped: number
  readonly unreadLines: number
  /** The first unread lines. */
  readonly unread: readonly Line[]
  /** Bytes that the collector cut off on the node; they never came. */
  readonly droppedOnNode: number
}

/** One node's bundle, as a container. */
export interface BundleInfo {
  /** Unique in the case: the node's name, with a number behind it where two bundles share it. */
  readonly id: string
  /** The name it was given by. */
  readonly file: string
  readonly sha256: string
  readonly node: string
  readonly layout: 'coldcase'
  /** When the collector started, ISO 8601 in UTC; null where the bundle does not tell. */
  readonly collectedAt: string | null
  /** Nothing was lost on the way here. */
  readonly complete: boolean
  readonly problems: readonly BundleProblem[]
  readonly sources: readonly SourceRow[]
}
