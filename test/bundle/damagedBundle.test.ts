import { expect, test } from 'vitest'
import { gunzipSync, gzipSync } from 'node:zlib'
import { LIMITS } from '../../analyzer/bundle/limits.ts'
import { readBundleWith } from '../../analyzer/bundle/readBundleWith.ts'
import { nodeHost } from '../../analyzer/cli/nodeHost.ts'
import { ownMemory } from '../../analyzer/parsers/ownMemory.ts'
import { bundleFrom, manifestOf, readArchiveBytes, table, tarOf } from './testBundle.ts'

const TOP = 'coldcase-n-20261120T234500Z/'
const FILES = [
  ['meta/node.txt', 'hostname=n\n'],
  ['net/ip-addr.txt', '1: lo\n2: eth0\n'],
  ['certs/ca.crt', 'CERT\n'.repeat(20)],
  ['journal/kubelet.txt', 'line\n'.repeat(150)],
] as const
const ALL = [['manifest.tsv', manifestOf(FILES)], ...FILES] as const
const tar = await tarOf(ALL, TOP)
const gzip = new Uint8Array(gzipSync(tar))

/** Where each entry of the archive ends, its padding left out. */
const ENDS = entryEnds()

function entryEnds(): number[] {
  const ends: number[] = []
  let at = 0
  for (const [, content] of ALL) {
    ends.push(at + 512 + content.length)
    at += 512 + Math.ceil(content.length / 512) * 512
  }
  return ends
}

const wholeBefore = (bytes: number): string[] =>
  ALL.filter((_, index) => (ENDS[index] ?? Infinity) <= bytes).map(([path]) => path)

test('a whole bundle is complete', async () => {
  for (const bytes of [tar, gzip])
    expect((await bundleFrom(bytes)).info).toMatchObject({ complete: true, problems: [] })
})

/** What a reader of the report is told: whole, or not, or no bundle at all; and the files that are told to be whole. */
async function verdict(bytes: Uint8Array) {
  const read = await readArchiveBytes(bytes)
  if (read.kind !== 'bundle') return { complete: false, whole: [] }
  const { info } = read.assemble('x')
  return {
    complete: info.complete,
    whole: info.sources.filter(({ status }) => status !== 'damaged').map(({ path }) => path),
  }
}

test('cut at any byte, a tar is incomplete, and keeps every whole entry', async () => {
  for (let cut = 0; cut < tar.length; cut += 1) {
    const expected = { complete: false, whole: wholeBefore(cut).toSorted() }
    expect({ cut, ...(await verdict(tar.subarray(0, cut))) }).toEqual({ cut, ...expected })
  }
})

test('cut at any byte, a packed tar is incomplete, and keeps every entry that could be unpacked', async () => {
  let kept = 0
  for (let cut = 0; cut < gzip.length; cut += 1) {
    const { complete, whole } = await verdict(gzip.subarray(0, cut))
    expect([cut, complete]).toEqual([cut, false])
    expect([cut, whole.length]).toEqual([cut, Math.max(kept, whole.length)])
    kept = whole.length
  }
  // Cut within the checksum at its end, all of it was there.
  expect(kept).toBe(ALL.length)
})

test('a cut without a manifest makes what is not there damaged, not absent', async () => {
  const bytes = await tarOf(FILES, TOP)
  const { captures, codes } = await bundleFrom(bytes.subarray(0, 1600))
  expect(codes).toEqual(expect.arrayContaining(['archive-truncated', 'manifest-missing']))
  expect(captures.get('counts')).toMatchObject({ status: 'damaged' })
})

test('an entry that the archive breaks off in is named and not used', async () => {
  const end = ENDS[3] ?? 0
  const { info, captures, row } = await bundleFrom(tar.subarray(0, end - 10))
  expect(info.problems).toContainEqual(
    expect.objectContaining({ code: 'file-truncated', path: 'certs/ca.crt' }),
  )
  expect(row('certs/ca.crt')).toMatchObject({ status: 'damaged', bytes: 90, parsed: 0, skipped: 90 })
  expect(captures.get('certificates')).toMatchObject({
    captures: [],
    missing: [{ path: 'certs/ca.crt', status: 'damaged' }],
  })
})

/** A sequence of numbers below 1 that is the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function flipped(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  const copy = bytes.slice()
  copy[at] = (copy[at] ?? 0) ^ (1 << bit)
  return copy
}

test('a bit flipped anywhere in a packed bundle never passes for intact', async () => {
  const random = seeded(1)
  // Bytes 4 to 9 are a time stamp and two hints (RFC 1952), which nothing protects and nobody reads.
  const places = Array.from({ length: 1000 }, () => 10 + Math.floor(random() * (gzip.length - 10)))
  const passed: number[] = []
  for (const at of [0, 1, 2, 3, ...places]) {
    const bytes = flipped(gzip, at, Math.floor(random() * 8))
    if (!unpacksToTheSame(bytes) && (await verdict(bytes)).complete) passed.push(at)
  }
  expect(passed).toEqual([])
})

/** A repeated text can be copied from several distances: with such a bit flipped nothing is lost. */
function unpacksToTheSame(bytes: Uint8Array): boolean {
  try {
    return gunzipSync(bytes).equals(tar)
  } catch {
    return false
  }
}

test('a bit flipped in a header, a capture or the padding of a tar never passes for intact', async () => {
  const random = seeded(2)
  const manifestEnd = ENDS[0] ?? 0
  const passed: number[] = []
  for (let run = 0; run < 1000; run += 1) {
    const at = Math.floor(random() * tar.length)
    // The manifest's own text is protected by gzip alone, and a checksum field may be filled up with spaces or NULs.
    const inManifest = at >= 512 && at < manifestEnd
    const inChecksum = headerOffset(at) >= 148 && headerOffset(at) < 156
    if (inManifest || inChecksum) continue
    if ((await verdict(flipped(tar, at, Math.floor(random() * 8)))).complete) passed.push(at)
  }
  expect(passed).toEqual([])
})

/** The offset in a header; -1 for a byte that is in none. */
function headerOffset(at: number): number {
  const index = ENDS.findIndex((end) => at < end)
  const [, content] = ALL[index] ?? ['', '']
  const start = (ENDS[index] ?? 0) - content.length - 512
  return index >= 0 && at >= start && at < start + 512 ? at - start : -1
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield tar.subarray(0, 4000)
  throw new Error('EIO: i/o error, read')
}

test('an archive that cannot be read to its end keeps what came', async () => {
  const read = await readBundleWith(
    { kind: 'archive', file: 'x', bytes: failing() },
    { table, limits: LIMITS, host: nodeHost, memory: ownMemory, onProgress: () => {} },
  )
  if (read.kind !== 'bundle') throw new Error(read.message.en)
  const { info } = read.assemble('x')
  expect(info.problems.map(({ code }) => code)).toEqual(
    expect.arrayContaining(['archive-unreadable', 'archive-truncated']),
  )
  expect(info.sources.map(({ path }) => path)).toContain('net/ip-addr.txt')
})
