import type { CaseMemory } from '../parsers/caseMemory.ts'
import type { LineReader, Parser } from '../parsers/parser.ts'
import { decodeText } from '../text/byteOrderMark.ts'
import { detach } from '../text/detach.ts'
import type { Line } from '../text/line.ts'
import { scanLines } from '../text/lineScanner.ts'
import { messageOf } from '../text/messageOf.ts'
import type { Host } from './host.ts'

/** What became of the bytes of a file: `bytes = parsed + skipped + dropped`. */
export interface Ledger {
  readonly bytes: number
  readonly parsed: number
  readonly skipped: number
  readonly dropped: number
  readonly unreadLines: number
  readonly unread: readonly Line[]
}

/** A file, read to its end. */
export interface ReadFile {
  readonly sha256: string
  readonly ledger: Ledger
  /** What the parser made of it; left out where there is none, or where it broke. */
  readonly parsed?: { readonly value: unknown }
  /** The parser threw, which is a defect of the parser. */
  readonly broken?: string
}

/** Takes the bytes of a file as they come. */
export interface FileIntake {
  readonly data: (bytes: Uint8Array) => void
  readonly end: () => ReadFile
}

/** The part of it that turns bytes into a value. */
interface Reading {
  readonly data: (bytes: Uint8Array) => void
  readonly end: () => { readonly value: unknown; readonly ledger: Ledger }
}

const UNREAD_KEPT = 20
const UNREAD_CHARACTERS = 500

/** Starts to read a file with the parser of its source, or without one: then all its bytes are skipped. */
export function startFile(parser: Parser<unknown> | null, host: Host, memory: CaseMemory): FileIntake {
  const sha256 = host.sha256()
  let bytes = 0
  let broken: string | undefined
  const unlessBroken = <T>(work: () => T): T | undefined => {
    if (broken !== undefined) return undefined
    try {
      return work()
    } catch (error) {
      broken = messageOf(error)
      return undefined
    }
  }
  const reading = unlessBroken(() => (parser === null ? null : startReading(parser, memory)))
  return {
    data(piece) {
      sha256.update(piece)
      bytes += piece.length
      unlessBroken(() => reading?.data(piece))
    },
    end() {
      const read = unlessBroken(() => reading?.end())
      const digest = sha256.digest()
      if (read !== undefined) return { sha256: digest, ledger: read.ledger, parsed: { value: read.value } }
      return { sha256: digest, ledger: allSkipped(bytes), ...(broken === undefined ? {} : { broken }) }
    },
  }
}

/** The ledger of a file that nothing was read of. */
export function allSkipped(bytes: number): Ledger {
  return { bytes, parsed: 0, skipped: bytes, dropped: 0, unreadLines: 0, unread: [] }
}

function startReading(parser: Parser<unknown>, memory: CaseMemory): Reading {
  return parser.kind === 'lines' ? lineReading(parser.start(memory)) : textReading(parser)
}

function lineReading(reader: LineReader<unknown>): Reading {
  const unread: Line[] = []
  let bytes = 0
  let skipped = 0
  let dropped = 0
  let unreadLines = 0
  const scanner = scanLines((text, number, byteLength, droppedBytes) => {
    bytes += byteLength
    dropped += droppedBytes
    if (reader.line(text, number)) return
    skipped += byteLength - droppedBytes
    unreadLines += 1
    if (unread.length < UNREAD_KEPT) unread.push(sample(text, number))
  })
  return {
    data: scanner.push,
    end() {
      scanner.end()
      const parsed = bytes - skipped - dropped
      return { value: reader.end(), ledger: { bytes, parsed, skipped, dropped, unreadLines, unread } }
    },
  }
}

function textReading(parser: Parser<unknown> & { readonly kind: 'text' }): Reading {
  let pieces: Uint8Array[] = []
  let kept = 0
  let bytes = 0
  return {
    data(piece) {
      bytes += piece.length
      const taken = piece.slice(0, parser.maxBytes - kept)
      kept += taken.length
      if (taken.length > 0) pieces.push(taken)
    },
    end() {
      const whole = joined(pieces, kept)
      pieces = []
      const { value, unread } = parser.parse(decodeText(whole, parser.keepsByteOrderMark))
      const skipped =
        unread.length === 0 ? 0 : bytesOfLines(whole, new Set(unread.map(({ number }) => number)))
      const samples = unread.slice(0, UNREAD_KEPT).map(({ text, number }) => sample(text, number))
      const ledger = { bytes, parsed: kept - skipped, skipped, dropped: bytes - kept }
      return { value, ledger: { ...ledger, unreadLines: unread.length, unread: samples } }
    },
  }
}

function sample(text: string, number: number): Line {
  return { number, text: detach(text.slice(0, UNREAD_CHARACTERS)) }
}

function joined(pieces: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

function bytesOfLines(text: Uint8Array, numbers: ReadonlySet<number>): number {
  let bytes = 0
  const scanner = scanLines((_, number, byteLength) => {
    if (numbers.has(number)) bytes += byteLength
  })
  scanner.push(text)
  scanner.end()
  return bytes
}
