/** Encodings that the bytes of a text file can be told to be in. */
export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be'

/** Bytes that must be at hand before an encoding can be told. */
export const BYTE_ORDER_MARK_BYTES = 2

/**
 * The encoding of a text by its byte order mark (Unicode 15, §23.8), UTF-8 where there is none. Windows PowerShell's
 * `>` writes UTF-16LE with a mark, which is how a capture made by hand comes to be in it.
 */
export function encodingOf(bytes: Uint8Array): TextEncoding {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  return 'utf-8'
}

/** A whole text from its bytes: what cannot be decoded becomes U+FFFD; a byte order mark is left out, unless it is to be kept. */
export function decodeText(bytes: Uint8Array, keepsByteOrderMark = false): string {
  return new TextDecoder(encodingOf(bytes), { ignoreBOM: keepsByteOrderMark }).decode(bytes)
}
