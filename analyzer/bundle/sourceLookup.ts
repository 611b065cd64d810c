import type { Parser } from '../parsers/parser.ts'
import type { Source } from '../sources/source.ts'

/** Where a bundle lists its captures. */
export const MANIFEST_PATH = 'manifest.tsv'

/** What is appended to the path of a capture for the standard error of its command. */
export const STDERR_SUFFIX = '.stderr'

/** Sources by key, of any types: the real table is `sources` of sources/index.ts. */
export type SourceTable = Readonly<Record<string, Source<unknown>>>

/** What a path in a bundle is. */
export interface FoundSource {
  readonly kind: 'capture' | 'manifest' | 'stderr'
  /** Key in the table; of the capture itself where it is a standard error. */
  readonly key: string
  /** Name in reports. */
  readonly name: string
  /** Null for what belongs to the container itself, which reads it in its own ways. */
  readonly parser: Parser<unknown> | null
}

/** Finds what a path is; null for a path that no source has. */
export type SourceLookup = (path: string) => FoundSource | null

/** Makes the lookup of a table. Where folders lie in each other, the innermost has the file. */
export function sourceLookup(table: SourceTable): SourceLookup {
  const files = new Map<string, FoundSource>()
  const folders = new Map<string, FoundSource>()
  for (const [key, source] of Object.entries(table)) {
    const found: FoundSource = { kind: 'capture', key, name: source.name, parser: source.parser }
    if (source.many) folders.set(source.folder, found)
    else files.set(source.path, found)
  }
  files.set(MANIFEST_PATH, { kind: 'manifest', key: '', name: 'manifest', parser: null })

  const capture = (path: string): FoundSource | null => {
    // A row of the manifest that tells of a folder as a whole, as of one that was closed, bears its path.
    const exact = files.get(path) ?? folders.get(`${path}/`)
    if (exact !== undefined) return exact
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const folder = folders.get(path.slice(0, slash + 1))
      if (folder !== undefined) return folder
    }
    return null
  }

  return (path) => {
    if (!path.endsWith(STDERR_SUFFIX)) return capture(path)
    const of = capture(path.slice(0, -STDERR_SUFFIX.length))
    return of === null
      ? null
      : { kind: 'stderr', key: of.key, name: `${of.name}${STDERR_SUFFIX}`, parser: null }
  }
}
