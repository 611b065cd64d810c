import { type Manifest, manifest } from '../parsers/manifest.ts'
import type { Parser, TextParser } from '../parsers/parser.ts'
import type { Line } from '../text/line.ts'
import type { BundleProblem } from './bundle.ts'
import { entryName } from './entryName.ts'
import { type FileIntake, type Ledger, type ReadFile, allSkipped, startFile } from './fileIntake.ts'
import { firstLines } from './firstLines.ts'
import type { CaseMemory } from '../parsers/caseMemory.ts'
import type { Host } from './host.ts'
import type { Limits } from './limits.ts'
import { NODE_IDENTITY_PATH, type NodeIdentity, readNodeIdentity } from './nodeIdentity.ts'
import { type ProblemLog, problemLog } from './problemLog.ts'
import { says } from './sentences.ts'
import {
  type FoundSource,
  MANIFEST_PATH,
  type SourceLookup,
  type SourceTable,
  sourceLookup,
} from './sourceLookup.ts'
import { topFolder } from './topFolder.ts'

/** A file of a bundle, and what it is. */
export interface BundleFile {
  /** In the bundle, without the top folder. */
  readonly path: string
  readonly source: FoundSource | null
  readonly ledger: Ledger
  /** Left out where the file came in part only. */
  readonly read?: ReadFile
  /** The first lines of a standard error. */
  readonly stderr?: readonly Line[]
}

/** What was read of a bundle, before the manifest has its say. */
export interface BundleContents {
  /** By path, in the order they came; of files with one path the last. */
  readonly files: ReadonlyMap<string, BundleFile>
  readonly lookup: SourceLookup
  readonly manifest: Manifest | null
  readonly identity: NodeIdentity | null
  readonly topFolder: string | null
  readonly problems: ProblemLog
}

/** Takes the files of a bundle one after another. */
export interface BundleIntake {
  /** Begins a file under the name it has in the archive or folder; false where it is refused. */
  readonly begin: (name: string) => boolean
  readonly data: (bytes: Uint8Array) => void
  readonly end: () => void
  /** The file that began last breaks off: what came of it is not used. */
  readonly cut: () => void
  readonly problem: (problem: BundleProblem) => void
  readonly contents: () => BundleContents
}

interface OpenFile {
  readonly path: string
  readonly source: FoundSource | null
  readonly intake: FileIntake
  readonly stderr: Line[]
  readonly identity: ReturnType<typeof readNodeIdentity> | null
  bytes: number
}

/** With what the files of a bundle are read. */
export interface IntakeOptions {
  readonly table: SourceTable
  readonly limits: Limits
  readonly host: Host
  /** Shared by all bundles of the case. */
  readonly memory: CaseMemory
}

/** An empty bundle, to be filled. */
export function bundleIntake({ table, limits, host, memory }: IntakeOptions): BundleIntake {
  const lookup = sourceLookup(table)
  const files = new Map<string, BundleFile>()
  const problems = problemLog()
  const top = topFolder((path) => lookup(path) !== null)
  let listing: Manifest | null = null
  let identity: NodeIdentity | null = null
  let open: OpenFile | null = null

  const keep = (file: BundleFile): void => {
    if (files.has(file.path)) {
      problems.add({ code: 'file-duplicate', message: says.fileTwice, path: file.path })
    }
    files.set(file.path, file)
  }

  const manifestParser: TextParser<null> = {
    kind: 'text',
    maxBytes: manifest.maxBytes,
    parse(text) {
      const { value, unread } = manifest.parse(text)
      listing = value
      return { value: null, unread }
    },
  }
  const parserOf = (source: FoundSource | null, stderr: Line[]): Parser<unknown> | null => {
    if (source?.kind === 'manifest') return manifestParser
    return source?.kind === 'stderr' ? firstLines(stderr) : (source?.parser ?? null)
  }

  return {
    begin(name) {
      const safe = entryName(name, limits)
      if ('problem' in safe) {
        problems.add(safe.problem)
        return false
      }
      const path = top.inside(safe.path)
      const source = lookup(path)
      if (source === null && isOtherBundle(path)) problems.add(otherBundle(path))
      const stderr: Line[] = []
      const intake = startFile(parserOf(source, stderr), host, memory)
      open = {
        path,
        source,
        intake,
        stderr,
        identity: path === NODE_IDENTITY_PATH ? readNodeIdentity() : null,
        bytes: 0,
      }
      return true
    },
    data(bytes) {
      if (open === null) return
      open.bytes += bytes.length
      open.intake.data(bytes)
      open.identity?.data(bytes)
    },
    end() {
      if (open === null) return
      const { path, source, stderr } = open
      const read = open.intake.end()
      if (open.identity !== null) identity = open.identity.end()
      open = null
      if (read.broken !== undefined) {
        problems.add({ code: 'parser-broken', message: says.parserFailed(read.broken), path })
      }
      keep({ path, source, ledger: read.ledger, read, ...(source?.kind === 'stderr' ? { stderr } : {}) })
    },
    cut() {
      if (open === null) return
      const { path, source, bytes } = open
      open = null
      problems.add({ code: 'file-truncated', message: says.fileBreaksOff(bytes), path })
      if (files.has(path)) return
      files.set(path, { path, source, ledger: allSkipped(bytes) })
    },
    problem: problems.add,
    contents: () => ({ files, lookup, manifest: listing, identity, topFolder: top.name(), problems }),
  }
}

/** Whether a path outside the top folder is what a bundle is known by. */
function isOtherBundle(path: string): boolean {
  return path.endsWith(`/${MANIFEST_PATH}`) || path.endsWith(`/${NODE_IDENTITY_PATH}`)
}

function otherBundle(path: string): BundleProblem {
  return { code: 'another-bundle', message: says.anotherBundle, path }
}
