import type { Sentence } from '../engine/language.ts'

/** A running SHA-256. */
export interface Sha256 {
  readonly update: (bytes: Uint8Array) => void
  /** Lower-case hexadecimal; asked for once. */
  readonly digest: () => string
}

/** What the platform lends to the core: Node in `cli/`, a browser elsewhere. */
export interface Host {
  readonly sha256: () => Sha256
  /**
   * Decompresses gzip (RFC 1952, several members too). Everything that could be decompressed is handed out before the
   * returned reader throws a `GzipDamage`.
   */
  readonly gunzip: (input: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>
}

/** A gzip stream that ends early, or whose contents do not check. */
export class GzipDamage extends Error {
  override readonly name = 'GzipDamage'
  readonly sentence: Sentence

  constructor(sentence: Sentence) {
    super(sentence.en)
    this.sentence = sentence
  }
}
