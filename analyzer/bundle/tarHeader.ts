/** Bytes of a block of a tar archive (POSIX.1-2017 pax, "ustar Interchange Format"). */
export const BLOCK_BYTES = 512

/** A header block as it stands. */
export interface TarHeader {
  /** Name with the ustar prefix before it, as bytes up to the first NUL. */
  readonly name: string
  /** The type flag as a character; NUL, of archives before POSIX, is given as `0`. */
  readonly type: string
  /** Null where the field is no number that a size can be. */
  readonly sizeBytes: number | null
  /** GNU old sparse format: a block with more of the map follows. */
  readonly mapContinues: boolean
}

const NAME = { at: 0, bytes: 100 }
const SIZE = { at: 124, bytes: 12 }
const CHECKSUM = { at: 148, bytes: 8 }
const TYPE = 156
const MAGIC = { at: 257, bytes: 6 }
const PREFIX = { at: 345, bytes: 155 }
const OLD_GNU_MAP_CONTINUES = 482

const SPACE = 0x20
const ZERO = 0x30

/** Whether a block is all zeros, as the two are that end an archive. */
export function isZeroBlock(block: Uint8Array): boolean {
  for (const byte of block) if (byte !== 0) return false
  return true
}

/** Reads a block; null where it is no header, that is where its checksum does not hold. */
export function decodeTarHeader(block: Uint8Array): TarHeader | null {
  if (!hasValidChecksum(block)) return null
  const name = textField(block, NAME)
  const prefix = textField(block, MAGIC) === 'ustar' ? textField(block, PREFIX) : ''
  const type = String.fromCharCode(block[TYPE] ?? 0)
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    type: type === '\0' ? '0' : type,
    sizeBytes: sizeField(block),
    mapContinues: block[OLD_GNU_MAP_CONTINUES] !== 0,
  }
}

/** The sum of all bytes, the checksum's own as spaces; some old tars summed signed bytes, which GNU tar takes too. */
function hasValidChecksum(block: Uint8Array): boolean {
  const stated = octalField(block, CHECKSUM)
  if (stated === null) return false
  let sum = CHECKSUM.bytes * SPACE
  let high = 0
  for (let index = 0; index < BLOCK_BYTES; index += 1) {
    if (index === CHECKSUM.at) index += CHECKSUM.bytes
    const byte = block[index] ?? 0
    sum += byte
    if (byte > 0x7f) high += 1
  }
  return stated === sum || stated === sum - 0x100 * high
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** A text up to its first NUL, or to the end of a field that it fills. */
function textField(block: Uint8Array, { at, bytes }: { at: number; bytes: number }): string {
  const end = block.indexOf(0, at)
  const field = block.subarray(at, end < 0 ? at + bytes : Math.min(end, at + bytes))
  return field.length === 0 ? '' : utf8.decode(field)
}

/** Octal digits, spaces before and spaces or NULs behind; a field of NULs is 0 (GNU tar 1.34, list.c, from_header). */
function octalField(block: Uint8Array, { at, bytes }: { at: number; bytes: number }): number | null {
  let index = at
  const end = at + bytes
  while (index < end && block[index] === SPACE) index += 1
  if (index === end) return null
  let value = 0
  for (
    let digit = (block[index] ?? 0) - ZERO;
    index < end && digit >= 0 && digit < 8;
    digit = (block[index] ?? 0) - ZERO
  ) {
    value = value * 8 + digit
    index += 1
  }
  for (; index < end; index += 1) if (block[index] !== 0 && block[index] !== SPACE) return null
  return value
}

/** Octal, or base 256 with 0x80 in front, as GNU tar writes sizes of 8 GiB and more; 0xFF is a negative number. */
function sizeField(block: Uint8Array): number | null {
  if (((block[SIZE.at] ?? 0) & 0x80) === 0) return octalField(block, SIZE)
  if (block[SIZE.at] !== 0x80) return null
  let value = 0
  for (const byte of block.subarray(SIZE.at + 1, SIZE.at + SIZE.bytes)) value = value * 256 + byte
  return Number.isSafeInteger(value) ? value : null
}
