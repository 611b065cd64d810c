/** One file of a bundle that came as a folder. */
export interface FolderFile {
  /** Relative to the folder, with forward slashes. */
  readonly path: string
  readonly sizeBytes: number
  readonly bytes: AsyncIterable<Uint8Array>
}

/** A bundle as it was handed over. */
export type BundleInput =
  | { readonly kind: 'archive'; readonly file: string; readonly bytes: AsyncIterable<Uint8Array> }
  | { readonly kind: 'folder'; readonly file: string; readonly files: AsyncIterable<FolderFile> }
