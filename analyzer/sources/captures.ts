import type { Capture, MissingCapture } from '../bundle/bundle.ts'
import type { SourceKey, SourceValue, sources } from './index.ts'

/** What a bundle holds of a source that is one file. */
export type SingleCapture<T> = Capture<T> | MissingCapture

/** What a bundle holds of a source that is a folder of files. */
export interface FolderCapture<T> {
  /** The files that came, by path. */
  readonly captures: readonly Capture<T>[]
  /** The files that the manifest names and that were not made, or were lost. */
  readonly missing: readonly MissingCapture[]
}

/** All that was read of a bundle, by source. */
export type Captures = {
  readonly [K in SourceKey]: (typeof sources)[K]['many'] extends true
    ? FolderCapture<SourceValue<K>>
    : SingleCapture<SourceValue<K>>
}
