import type { Sentence } from '../engine/language.ts'
import type { BundleProblem } from './bundle.ts'
import { escapeName } from './entryName.ts'
import type { Limits } from './limits.ts'
import { type PaxRecords, readPaxRecords } from './paxRecords.ts'
import { says } from './sentences.ts'
import { BLOCK_BYTES, type TarHeader, decodeTarHeader, isZeroBlock } from './tarHeader.ts'

/** Takes what a tar archive holds, in its order. */
export interface TarSink {
  /** A regular file begins; false has its bytes passed over. Its name is as it stands in the archive. */
  readonly file: (name: string, sizeBytes: number) => boolean
  /** Bytes of the file that began last: a view, not to be kept. */
  readonly data: (bytes: Uint8Array) => void
  /** The file that began last is whole. */
  readonly fileEnd: () => void
  /** The archive ends within the file that began last. */
  readonly fileCut: () => void
  readonly problem: (problem: BundleProblem) => void
}

/** Takes the bytes of a tar archive, in pieces cut anywhere. */
export interface TarReader {
  /** False: a limit was hit, and nothing more is read. */
  readonly push: (piece: Uint8Array) => boolean
  /** The bytes have come to their end; says what is missing. */
  readonly end: () => void
  /** Whether any header was found. */
  readonly sawHeader: () => boolean
}

/** What the bytes at hand belong to. */
type Region =
  | { readonly kind: 'blocks' | 'stopped' }
  | { readonly kind: 'file' | 'passed-over' | 'padding'; left: number; readonly padding: number }
  | {
      readonly kind: 'extension'
      readonly type: string
      readonly body: Uint8Array
      filled: number
      readonly padding: number
    }
  | { readonly kind: 'sparse-map'; readonly sizeBytes: number }

/** What the headers before an entry say of it. */
interface Announced {
  name?: string
  pax?: PaxRecords
  /** A header was too large to be read, so that the entry's name is not known. */
  nameless?: boolean
}

const BLOCKS: Region = { kind: 'blocks' }
const STOPPED: Region = { kind: 'stopped' }
const PAX_TYPES = new Set(['x', 'X'])
const REGULAR_TYPES = new Set(['0', '7'])
const KINDS: ReadonlyMap<string, Sentence> = new Map<string, Sentence>([
  ['1', says.hardLink],
  ['2', says.symbolicLink],
  ['3', says.characterDevice],
  ['4', says.blockDevice],
  ['6', says.fifo],
])
/** Blocks of zeros that end an archive. */
const END_BLOCKS = 2

/**
 * Reads tar as GNU tar 1.34 does: ustar, v7, GNU (`L`, `K`, old sparse) and PAX; global PAX headers are passed over.
 * A damaged header is named with its offset, and reading goes on at the next block that is a header. Content never throws.
 */
export function tarReader(sink: TarSink, limits: Limits): TarReader {
  const block = new Uint8Array(BLOCK_BYTES)
  let blockFill = 0
  let offset = 0
  let region: Region = BLOCKS
  let announced: Announced = {}
  let entries = 0
  let zeroBlocks = 0
  let ended = false
  let lostAt: number | null = null
  let saidPadding = false

  const damaged = (message: Sentence, name?: string): void =>
    sink.problem({
      code: 'archive-damaged',
      message,
      ...(name === undefined ? {} : { path: escapeName(name) }),
    })

  const trailing = (message: Sentence): void => sink.problem({ code: 'archive-trailing-data', message })

  const onBlock = (bytes: Uint8Array, at: number): void => {
    if (region.kind === 'sparse-map') return onSparseMap(bytes, region.sizeBytes)
    const header = decodeTarHeader(bytes)
    if (header !== null) return onHeader(header, at)
    if (isZeroBlock(bytes)) return onZeroBlock()
    if (zeroBlocks === 1 && !ended && lostAt === null) damaged(says.loneZeroBlock(at - BLOCK_BYTES))
    zeroBlocks = 0
    if (lostAt !== null) return
    lostAt = at
    if (!ended) {
      return damaged(says.noHeader(at))
    }
    trailing(says.somethingFollowsAt(at))
  }

  const onZeroBlock = (): void => {
    zeroBlocks += 1
    if (zeroBlocks < END_BLOCKS || ended) return
    ended = true
    lostAt = null
    if (announced.name !== undefined || announced.pax !== undefined) {
      damaged(says.announcedEntryMissing)
    }
    announced = {}
  }

  const onHeader = (header: TarHeader, at: number): void => {
    if (ended) {
      ended = false
      trailing(says.archiveFollowsAt(at))
    } else if (zeroBlocks > 0 && lostAt === null) {
      damaged(says.loneZeroBlock(at - BLOCK_BYTES))
    }
    zeroBlocks = 0
    lostAt = null
    entries += 1
    if (entries > limits.entries) {
      region = STOPPED
      return sink.problem({ code: 'limit-entries', message: says.tooManyEntries(limits.entries) })
    }
    if (header.sizeBytes === null) {
      announced = {}
      return damaged(says.headerWithoutSize(at), header.name)
    }
    if (header.type === 'L' || header.type === 'K' || PAX_TYPES.has(header.type))
      return onExtension(header, header.sizeBytes)
    if (header.type === 'g') return skip(header.sizeBytes)
    onEntry(header, announced.pax?.sizeBytes ?? header.sizeBytes)
    announced = {}
  }

  const onExtension = ({ type, name }: TarHeader, sizeBytes: number): void => {
    if (sizeBytes <= limits.headerBytes) {
      region = {
        kind: 'extension',
        type,
        body: new Uint8Array(sizeBytes),
        filled: 0,
        padding: paddingOf(sizeBytes),
      }
      if (sizeBytes === 0) onExtensionEnd(type, region.body)
      return
    }
    const message = says.headerTooLarge(sizeBytes, limits.headerBytes)
    sink.problem({ code: 'limit-header-bytes', message, path: escapeName(name) })
    if (type !== 'K') announced.nameless = true
    skip(sizeBytes)
  }

  const onExtensionEnd = (type: string, body: Uint8Array): void => {
    region = { kind: 'padding', left: paddingOf(body.length), padding: 0 }
    if (type === 'K') return
    if (type === 'L') {
      const end = body.indexOf(0)
      if (body.length > 0) announced.name = new TextDecoder().decode(end < 0 ? body : body.subarray(0, end))
      return
    }
    const pax = readPaxRecords(body, limits.headerKeys)
    announced.pax = pax
    if (pax.fault === null) return
    announced.nameless = true
    damaged(says.paxDamaged(pax.fault))
  }

  const onEntry = (header: TarHeader, sizeBytes: number): void => {
    const name = announced.pax?.path ?? announced.name ?? header.name
    const { type } = header
    if (type === '5') return
    const kind = KINDS.get(type)
    if (kind !== undefined) {
      sink.problem({
        code: 'link-passed-over',
        message: says.notFollowed(kind),
        path: escapeName(name),
      })
      if (sizeBytes > 0 && type !== '1') damaged(says.claimsBytes(kind, sizeBytes), name)
      return
    }
    if (type === 'S' || announced.pax?.sparse === true) {
      sink.problem({
        code: 'entry-sparse',
        message: says.fileWithHoles,
        path: escapeName(name),
      })
      if (type === 'S' && header.mapContinues) region = { kind: 'sparse-map', sizeBytes }
      else skip(sizeBytes)
      return
    }
    if (!REGULAR_TYPES.has(type)) {
      const message = says.unknownType(JSON.stringify(type))
      sink.problem({ code: 'entry-type-unknown', message, path: escapeName(name) })
      return skip(sizeBytes)
    }
    // Archives from before POSIX have no type for directories: a name that ends in a slash is one.
    if (name.endsWith('/') || announced.nameless === true) return skip(sizeBytes)
    onFile(name, sizeBytes)
  }

  const onFile = (name: string, sizeBytes: number): void => {
    if (sizeBytes > limits.entryBytes) {
      const message = says.entryTooLarge(sizeBytes, limits.entryBytes)
      sink.problem({ code: 'limit-entry-bytes', message, path: escapeName(name) })
      return skip(sizeBytes)
    }
    if (!sink.file(name, sizeBytes)) return skip(sizeBytes)
    region = { kind: 'file', left: sizeBytes, padding: paddingOf(sizeBytes) }
    if (sizeBytes === 0) onRegionEnd('file', 0)
  }

  const skip = (sizeBytes: number): void => {
    if (sizeBytes > 0) region = { kind: 'passed-over', left: sizeBytes, padding: paddingOf(sizeBytes) }
  }

  const onSparseMap = (bytes: Uint8Array, sizeBytes: number): void => {
    if (bytes[SPARSE_MAP_CONTINUES] !== 0) return
    region = BLOCKS
    skip(sizeBytes)
  }

  const onRegionEnd = (kind: 'file' | 'passed-over' | 'padding', padding: number): void => {
    if (kind === 'file') sink.fileEnd()
    region = padding > 0 ? { kind: 'padding', left: padding, padding: 0 } : BLOCKS
  }

  /** Takes bytes of a region that is not made of blocks; gives how many it took. */
  const takeRegion = (piece: Uint8Array, at: number): number => {
    if (!('padding' in region)) return 0
    if (region.kind === 'extension') {
      const taken = piece.subarray(at, at + region.body.length - region.filled)
      region.body.set(taken, region.filled)
      region.filled += taken.length
      if (region.filled === region.body.length) onExtensionEnd(region.type, region.body)
      return taken.length
    }
    const taken = piece.subarray(at, at + region.left)
    region.left -= taken.length
    if (region.kind === 'file' && taken.length > 0) sink.data(taken)
    if (region.kind === 'padding' && !saidPadding && !isZeroBlock(taken)) {
      saidPadding = true
      damaged(says.paddingNotZero(offset + at))
    }
    if (region.left === 0) onRegionEnd(region.kind, region.padding)
    return taken.length
  }

  /** Takes bytes of a block; gives how many it took. */
  const takeBlock = (piece: Uint8Array, at: number): number => {
    if (blockFill === 0 && piece.length - at >= BLOCK_BYTES) {
      onBlock(piece.subarray(at, at + BLOCK_BYTES), offset + at)
      return BLOCK_BYTES
    }
    const taken = piece.subarray(at, at + BLOCK_BYTES - blockFill)
    block.set(taken, blockFill)
    blockFill += taken.length
    if (blockFill < BLOCK_BYTES) return taken.length
    blockFill = 0
    onBlock(block, offset + at + taken.length - BLOCK_BYTES)
    return taken.length
  }

  return {
    push(piece) {
      let at = 0
      while (at < piece.length && region.kind !== 'stopped') {
        const inBlocks = region.kind === 'blocks' || region.kind === 'sparse-map'
        at += inBlocks ? takeBlock(piece, at) : takeRegion(piece, at)
      }
      offset += piece.length
      return region.kind !== 'stopped'
    },
    end() {
      if (region.kind === 'stopped') return
      if (region.kind === 'file') sink.fileCut()
      const whole = ended && region.kind === 'blocks'
      if (whole && !isZeroBlock(block.subarray(0, blockFill))) {
        trailing(says.somethingFollows)
      }
      if (!whole)
        sink.problem({
          code: 'archive-truncated',
          message: says.archiveStops(offset),
        })
    },
    sawHeader: () => entries > 0,
  }
}

/** GNU old sparse format: where an extension block says that another follows. */
const SPARSE_MAP_CONTINUES = 504

function paddingOf(sizeBytes: number): number {
  return (BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES
}
