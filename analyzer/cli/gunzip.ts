import { constants, crc32, createInflateRaw, inflateRawSync } from 'node:zlib'
import { GzipDamage } from '../bundle/host.ts'
import { damages } from './gzipDamages.ts'
import { gzipHeader } from './gzipHeader.ts'

/** A header beyond this is no header: names and comments are short. */
const MAX_HEADER_BYTES = 64 * 1024
const TRAILER_BYTES = 8
const OUTPUT_BYTES = 256 * 1024
/** Deflate data of this size is held until its checksum was met, so that damage costs not one byte before it. */
const RETAINED_BYTES = 1024 * 1024
const RETAINED_OUTPUT_BYTES = 64 * 1024 * 1024

/**
 * Decompresses gzip (RFC 1952). Node's own `createGunzip` throws away the last output when the checksum is wrong or
 * something follows the stream, so headers and trailers are read here and only the deflate data is left to zlib. What
 * could be decompressed is handed out before a `GzipDamage` is thrown: all of it where the input ends early or has up to
 * 1 MiB, all but the last 256 KiB where the deflate data of a larger one is bad.
 */
export async function* gunzip(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const source = byteSource(input)
  try {
    let member = 1
    while (await readHeader(source, member)) {
      yield* inflateMember(source)
      member += 1
    }
  } finally {
    await source.close()
  }
}

/** Pieces of the input, with what was read too far put back. */
interface ByteSource {
  readonly next: () => Promise<Uint8Array | null>
  readonly putBack: (bytes: Uint8Array) => void
  readonly close: () => Promise<void>
}

function byteSource(input: AsyncIterable<Uint8Array>): ByteSource {
  const iterator = input[Symbol.asyncIterator]()
  let back: Uint8Array | null = null
  return {
    async next() {
      const held = back
      back = null
      if (held !== null && held.length > 0) return held
      for (;;) {
        const { done, value } = await iterator.next()
        if (done === true) return null
        if (value.length > 0) return value
      }
    },
    putBack(bytes) {
      back = bytes
    },
    async close() {
      await iterator.return?.()
    },
  }
}

/** At least `count` bytes where the input has them. */
async function take(source: ByteSource, count: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  while (bytes < count) {
    const piece = await source.next()
    if (piece === null) break
    pieces.push(piece)
    bytes += piece.length
  }
  const [only] = pieces
  const all = only !== undefined && pieces.length === 1 ? only : new Uint8Array(Buffer.concat(pieces))
  source.putBack(all.subarray(Math.min(count, all.length)))
  return all.subarray(0, count)
}

/** Passes a header; false where the stream has ended well. Zeros behind the last member are padding of tapes. */
async function readHeader(source: ByteSource, member: number): Promise<boolean> {
  let head: Uint8Array = new Uint8Array(0)
  for (;;) {
    const piece = await source.next()
    if (member > 1 && head.length === 0 && piece !== null && piece.every((byte) => byte === 0)) continue
    if (piece === null && head.length === 0 && member > 1) return false
    if (piece !== null) head = new Uint8Array(Buffer.concat([head, piece]))
    const header = gzipHeader(head)
    if (header === 'not-gzip' || head.length > MAX_HEADER_BYTES) {
      throw new GzipDamage(member === 1 ? damages.noHeader : damages.somethingFollows)
    }
    if (header !== 'incomplete') {
      source.putBack(head.subarray(header.bytes))
      return true
    }
    if (piece === null) throw new GzipDamage(damages.endsInHeader)
  }
}

async function* inflateMember(source: ByteSource): AsyncGenerator<Uint8Array, void, void> {
  const inflater = rawInflater()
  const pieces: Uint8Array[] = []
  let pieceBytes = 0
  let crc = 0
  let bytes = 0
  try {
    for (;;) {
      const piece = await source.next()
      if (piece === null) throw new GzipDamage(damages.endsEarly)
      pieceBytes += piece.length
      if (pieceBytes <= RETAINED_BYTES) pieces.push(piece)
      const step = await inflater.push(piece)
      for (const output of step.outputs) {
        crc = crc32(output, crc)
        bytes += output.length
        yield output
      }
      if (step.fault !== null && pieceBytes <= RETAINED_BYTES)
        yield longestPrefix(Buffer.concat(pieces)).subarray(bytes)
      if (step.fault !== null) throw new GzipDamage(damages.damaged(step.fault))
      if (step.rest === null) continue
      source.putBack(step.rest)
      return await checkTrailer(source, crc, bytes)
    }
  } finally {
    inflater.destroy()
  }
}

/**
 * All that can be inflated of damaged deflate data: zlib hands nothing out of the step in which it meets the damage, but
 * a shorter input ends before it. Whether an input of some length meets it is found by bisection.
 */
function longestPrefix(deflated: Uint8Array): Uint8Array {
  let inflated: Uint8Array = new Uint8Array(0)
  let good = 0
  let bad = deflated.length
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2)
    const attempt = inflatePrefix(deflated.subarray(0, middle))
    if (attempt === null) bad = middle
    else {
      good = middle
      inflated = attempt
    }
  }
  return inflated
}

function inflatePrefix(deflated: Uint8Array): Uint8Array | null {
  try {
    return inflateRawSync(deflated, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: RETAINED_OUTPUT_BYTES,
    })
  } catch {
    return null
  }
}

/** What came of a piece of deflate data. */
interface InflateStep {
  readonly outputs: readonly Uint8Array[]
  /** What follows the end of the deflate data; null while it has not ended. */
  readonly rest: Uint8Array | null
  readonly fault: string | null
}

/**
 * zlib, a piece at a time. The end of the deflate data shows only with the first byte behind it, which a trailer always
 * has; zlib then asks for no more input, so that its `end` comes in place of the answer to the write.
 */
function rawInflater() {
  const inflate = createInflateRaw({ chunkSize: OUTPUT_BYTES })
  let outputs: Uint8Array[] = []
  let pushedBytes = 0
  let settle: ((ended: boolean, fault: string | null) => void) | null = null
  inflate.on('data', (output: Uint8Array) => outputs.push(output))
  inflate.on('error', (error) => settle?.(false, error.message))
  inflate.on('end', () => settle?.(true, null))
  return {
    push(piece: Uint8Array): Promise<InflateStep> {
      pushedBytes += piece.length
      return new Promise((resolve) => {
        settle = (ended, fault) => {
          const unread = pushedBytes - inflate.bytesWritten
          resolve({ outputs, fault, rest: ended ? piece.subarray(piece.length - unread) : null })
          outputs = []
          settle = null
        }
        inflate.write(piece, (error) => {
          if (!error) settle?.(false, null)
        })
      })
    },
    destroy: () => inflate.destroy(),
  }
}

/** The CRC-32 and the length, modulo 2^32, of what was compressed (RFC 1952, §2.3.1). */
async function checkTrailer(source: ByteSource, crc: number, bytes: number): Promise<void> {
  const trailer = await take(source, TRAILER_BYTES)
  if (trailer.length < TRAILER_BYTES) throw new GzipDamage(damages.endsBeforeChecksum)
  const fields = new DataView(trailer.buffer, trailer.byteOffset, TRAILER_BYTES)
  if (fields.getUint32(0, true) !== crc) throw new GzipDamage(damages.checksum)
  if (fields.getUint32(4, true) !== bytes % 2 ** 32) throw new GzipDamage(damages.length)
}
