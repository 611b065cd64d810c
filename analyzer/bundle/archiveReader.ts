import type { Sentence } from '../engine/language.ts'
import { messageOf } from '../text/messageOf.ts'
import type { BundleIntake } from './bundleIntake.ts'
import { GzipDamage, type Host } from './host.ts'
import { guarded } from './guarded.ts'
import type { Limits } from './limits.ts'
import { type Look, REMEDIES, looks } from './rejections.ts'
import { says } from './sentences.ts'
import { SNIFF_BYTES, lookOf, sniff } from './sniff.ts'
import { tarReader } from './tarReader.ts'

/** How the reading of an archive ended: with entries, or with the word for what the file is instead. */
export type ArchiveReading = { readonly kind: 'read' } | (Look & { readonly kind: 'other' })

/** A piece is pushed in parts of this size, so that a limit stops the reading soon in pieces of any size. */
const PART_BYTES = 64 * 1024

/**
 * Reads an archive, packed or not, into a bundle. One layer of gzip is opened, never more. Damage of any kind becomes a
 * problem of the bundle, with all that came before it kept. `packedBytes` tells how much was taken of the file so far.
 */
export async function readArchive(
  input: AsyncIterable<Uint8Array>,
  intake: BundleIntake,
  {
    host,
    limits,
    packedBytes,
  }: { readonly host: Host; readonly limits: Limits; readonly packedBytes: () => number },
): Promise<ArchiveReading> {
  let fault: Sentence | null = null
  const onFault = (error: unknown): void => {
    if (error instanceof GzipDamage) {
      fault = error.sentence
      intake.problem({ code: 'archive-damaged', message: fault })
    } else {
      const message = messageOf(error)
      fault = { en: message, zh: message }
      intake.problem({ code: 'archive-unreadable', message: says.readingStopped(message) })
    }
  }
  const pieces = peekable(guarded(input, onFault))
  const head = await pieces.peek()
  if (head.length === 0 && fault !== null) return unreadable(fault)
  const outer = sniff(head)
  if (outer.kind === 'other') return outer
  if (outer.kind !== 'gzip') return readTar(pieces, intake, limits, () => null)
  const unpacked = peekable(guarded(host.gunzip(pieces), onFault))
  const innerHead = await unpacked.peek()
  if (innerHead.length === 0 && fault !== null) return unreadable(fault)
  const inner = sniff(innerHead)
  if (inner.kind === 'gzip') {
    return { kind: 'other', what: looks.gzipWithin, remedy: REMEDIES.unpackOnce('gzip -d FILE') }
  }
  const reading = inner.kind === 'other' ? inner : await readTar(unpacked, intake, limits, packedBytes)
  return reading.kind === 'read' ? reading : { ...reading, what: looks.packed(reading.what) }
}

function unreadable(fault: Sentence): ArchiveReading {
  return { kind: 'other', what: looks.unreadable(fault), remedy: REMEDIES.copyAgain }
}

async function readTar(
  pieces: Peekable,
  intake: BundleIntake,
  limits: Limits,
  packedBytes: () => number | null,
): Promise<ArchiveReading> {
  const head = (await pieces.peek()).slice(0, SNIFF_BYTES)
  const tar = tarReader(
    {
      file: intake.begin,
      data: intake.data,
      fileEnd: intake.end,
      fileCut: intake.cut,
      problem: intake.problem,
    },
    limits,
  )
  let bytes = 0
  let stopped = false
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length && !stopped; at += PART_BYTES) {
      const part = piece.subarray(at, at + PART_BYTES)
      bytes += part.length
      const excess = excessOf(bytes, packedBytes(), limits)
      if (excess !== null) intake.problem(excess)
      stopped = excess !== null || !tar.push(part)
    }
    if (stopped) break
  }
  if (!tar.sawHeader()) return { kind: 'other', ...lookOf(head) }
  tar.end()
  return { kind: 'read' }
}

function excessOf(bytes: number, packedBytes: number | null, limits: Limits) {
  if (bytes > limits.totalBytes) {
    return { code: 'limit-total-bytes', message: says.unpacksBeyondBytes(limits.totalBytes) }
  }
  if (packedBytes === null || bytes <= limits.ratioFromBytes || bytes <= limits.ratio * packedBytes)
    return null
  return { code: 'limit-ratio', message: says.unpacksBeyondRatio(limits.ratio) }
}

interface Peekable extends AsyncIterable<Uint8Array> {
  /** The first `SNIFF_BYTES` bytes or more; fewer where there are no more. They are still to be iterated over. */
  readonly peek: () => Promise<Uint8Array>
}

function peekable(pieces: AsyncIterable<Uint8Array>): Peekable {
  const iterator = pieces[Symbol.asyncIterator]()
  let head: Uint8Array | null = null
  return {
    async peek() {
      if (head !== null) return head
      let peeked = new Uint8Array(0)
      while (peeked.length < SNIFF_BYTES) {
        const { done, value } = await iterator.next()
        if (done === true) break
        const joined = new Uint8Array(peeked.length + value.length)
        joined.set(peeked)
        joined.set(value, peeked.length)
        peeked = joined
      }
      head = peeked
      return head
    },
    async *[Symbol.asyncIterator]() {
      try {
        if (head !== null) yield head
        for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
          yield next.value
      } finally {
        await iterator.return?.(undefined)
      }
    },
  }
}
