import type { Parser } from '../parsers/parser.ts'

/** A source that is one file of the bundle. */
export interface SingleSource<T> {
  readonly many: false
  /** Its name in reports. */
  readonly name: string
  /** Its path in the bundle (docs/bundle-format.md). */
  readonly path: string
  readonly parser: Parser<T>
}

/** A source that is every file below a folder of the bundle, all of one kind. */
export interface FolderSource<T> {
  readonly many: true
  readonly name: string
  /** Ends in a slash. */
  readonly folder: string
  readonly parser: Parser<T>
}

/** How the files of one kind are found in a bundle, and read. */
export type Source<T> = SingleSource<T> | FolderSource<T>

/** A source of one file. */
export function file<T>(name: string, path: string, parser: Parser<T>): SingleSource<T> {
  return { many: false, name, path, parser }
}

/** A source of a folder of files. */
export function folder<T>(name: string, path: string, parser: Parser<T>): FolderSource<T> {
  return { many: true, name, folder: path, parser }
}
