import { BLOCK_BYTES, decodeTarHeader } from './tarHeader.ts'

/** Bytes that `sniff` wants to see. */
export const SNIFF_BYTES = BLOCK_BYTES

/** What a file looks like by its first bytes: how to read it, or what to call it and what to do instead. */
export type Sniffed =
  | { readonly kind: 'gzip' | 'tar' | 'unknown' }
  | { readonly kind: 'other'; readonly what: string; readonly remedy: string }

interface Signature {
  readonly at?: number
  readonly bytes: string
  readonly what: string
  readonly remedy: string
}

const COPY_AGAIN = 'Copy it again from the node.'
const REPACK = 'Pass the .tar.gz that the collector wrote.'

/** Signatures from the `magic` files of file(1) 5.45 and the formats' own specifications. */
const SIGNATURES: readonly Signature[] = [
  { bytes: '\xfd7zXZ\0', what: 'an xz archive', remedy: 'Unpack it first: `xz -d FILE`.' },
  { bytes: '\x28\xb5\x2f\xfd', what: 'a zstd archive', remedy: 'Unpack it first: `zstd -d FILE`.' },
  { bytes: 'BZh', what: 'a bzip2 archive', remedy: 'Unpack it first: `bzip2 -d FILE`.' },
  { bytes: '\x04\x22\x4d\x18', what: 'an lz4 archive', remedy: 'Unpack it first: `lz4 -d FILE`.' },
  { bytes: '\x1f\x9d', what: 'a compress (.Z) archive', remedy: 'Unpack it first: `gzip -d FILE`.' },
  {
    bytes: 'PK\x03\x04',
    what: 'a zip archive',
    remedy: 'Unpack it first and pass the folder, or the .tar.gz files in it.',
  },
  { bytes: 'PK\x05\x06', what: 'an empty zip archive', remedy: REPACK },
  { bytes: "7z\xbc\xaf'\x1c", what: 'a 7z archive', remedy: 'Unpack it first and pass the folder.' },
  { bytes: 'Rar!', what: 'a RAR archive', remedy: 'Unpack it first and pass the folder.' },
  { bytes: '!<arch>\n', what: 'an ar or Debian archive', remedy: REPACK },
  { bytes: '%PDF-', what: 'a PDF', remedy: REPACK },
  { bytes: '\x89PNG', what: 'a PNG picture', remedy: REPACK },
  { bytes: '\xff\xd8\xff', what: 'a JPEG picture', remedy: REPACK },
  { bytes: '\x7fELF', what: 'a program', remedy: REPACK },
  { bytes: '-----BEGIN ', what: 'a PEM file', remedy: REPACK },
]

/** Tells the kind of a file by its first bytes, `SNIFF_BYTES` of them or the whole file. */
export function sniff(head: Uint8Array): Sniffed {
  if (head.length === 0) return { kind: 'other', what: 'an empty file', remedy: COPY_AGAIN }
  if (head[0] === 0x1f && head[1] === 0x8b) return { kind: 'gzip' }
  if (head.length >= BLOCK_BYTES && decodeTarHeader(head) !== null) return { kind: 'tar' }
  const start = latin1(head.subarray(0, 16))
  const signature = SIGNATURES.find(({ bytes }) => start.startsWith(bytes))
  return signature === undefined
    ? { kind: 'unknown' }
    : { kind: 'other', what: signature.what, remedy: signature.remedy }
}

/** What to call a file that no signature tells and that holds no tar header. */
export function lookOf(head: Uint8Array): { readonly what: string; readonly remedy: string } {
  if (head.every((byte) => byte === 0))
    return { what: 'zeros, or an archive without files', remedy: COPY_AGAIN }
  const start = latin1(head).trimStart()
  if (start.startsWith('<'))
    return {
      what: 'a web page or XML',
      remedy: `It may be a login page saved in place of the file. ${REPACK}`,
    }
  if (start.startsWith('{') || start.startsWith('[')) return { what: 'JSON', remedy: REPACK }
  const isText = head.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0x1b)
  return { what: isText ? 'plain text' : 'binary data of no known kind', remedy: REPACK }
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}
