import { type Look, REMEDIES, looks } from './rejections.ts'
import { BLOCK_BYTES, decodeTarHeader } from './tarHeader.ts'

/** Bytes that `sniff` wants to see. */
export const SNIFF_BYTES = BLOCK_BYTES

/** What a file looks like by its first bytes: how to read it, or what to call it and what to do instead. */
export type Sniffed = { readonly kind: 'gzip' | 'tar' | 'unknown' } | (Look & { readonly kind: 'other' })

interface Signature extends Look {
  readonly bytes: string
}

const { copyAgain, passCollected, unpackWith } = REMEDIES

/** Signatures from the `magic` files of file(1) 5.45 and the formats' own specifications. */
const SIGNATURES: readonly Signature[] = [
  { bytes: '\xfd7zXZ\0', what: looks.archive('an', 'xz'), remedy: unpackWith('xz -d FILE') },
  { bytes: '\x28\xb5\x2f\xfd', what: looks.archive('a', 'zstd'), remedy: unpackWith('zstd -d FILE') },
  { bytes: 'BZh', what: looks.archive('a', 'bzip2'), remedy: unpackWith('bzip2 -d FILE') },
  { bytes: '\x04\x22\x4d\x18', what: looks.archive('an', 'lz4'), remedy: unpackWith('lz4 -d FILE') },
  { bytes: '\x1f\x9d', what: looks.archive('a', 'compress (.Z)'), remedy: unpackWith('gzip -d FILE') },
  { bytes: 'PK\x03\x04', what: looks.archive('a', 'zip'), remedy: REMEDIES.passFolderOrArchives },
  { bytes: 'PK\x05\x06', what: looks.emptyZip, remedy: passCollected },
  { bytes: "7z\xbc\xaf'\x1c", what: looks.archive('a', '7z'), remedy: REMEDIES.passFolder },
  { bytes: 'Rar!', what: looks.archive('a', 'RAR'), remedy: REMEDIES.passFolder },
  { bytes: '!<arch>\n', what: looks.arArchive, remedy: passCollected },
  { bytes: '%PDF-', what: looks.pdf, remedy: passCollected },
  { bytes: '\x89PNG', what: looks.png, remedy: passCollected },
  { bytes: '\xff\xd8\xff', what: looks.jpeg, remedy: passCollected },
  { bytes: '\x7fELF', what: looks.program, remedy: passCollected },
  { bytes: '-----BEGIN ', what: looks.pem, remedy: passCollected },
]

/** Tells the kind of a file by its first bytes, `SNIFF_BYTES` of them or the whole file. */
export function sniff(head: Uint8Array): Sniffed {
  if (head.length === 0) return { kind: 'other', what: looks.empty, remedy: copyAgain }
  if (head[0] === 0x1f && head[1] === 0x8b) return { kind: 'gzip' }
  if (head.length >= BLOCK_BYTES && decodeTarHeader(head) !== null) return { kind: 'tar' }
  const start = latin1(head.subarray(0, 16))
  const signature = SIGNATURES.find(({ bytes }) => start.startsWith(bytes))
  return signature === undefined
    ? { kind: 'unknown' }
    : { kind: 'other', what: signature.what, remedy: signature.remedy }
}

/** What to call a file that no signature tells and that holds no tar header. */
export function lookOf(head: Uint8Array): Look {
  if (head.every((byte) => byte === 0)) return { what: looks.zeros, remedy: copyAgain }
  const start = latin1(head).trimStart()
  if (start.startsWith('<')) return { what: looks.webPage, remedy: REMEDIES.loginPage }
  if (start.startsWith('{') || start.startsWith('[')) return { what: looks.json, remedy: passCollected }
  const isText = head.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0x1b)
  return { what: isText ? looks.plainText : looks.binary, remedy: passCollected }
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}
