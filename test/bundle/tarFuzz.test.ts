import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { listing } from './listing.ts'
import { END, body, entry, header, join, paxRecord } from './tarBlocks.ts'

const records = `${paxRecord('path', 'from-pax')}${paxRecord('size', '3')}`
const SEED = join(
  header({ name: 'top/', type: '5' }),
  entry('top/a', 'aaa'),
  header({ name: 'x', type: 'x', size: records.length }),
  body(records),
  entry('short', 'pax'),
  header({ name: 'L', type: 'L', size: 300 }),
  body('l'.repeat(299)),
  entry('short', 'gnu'),
  header({ name: 'link', type: '2' }),
  entry('top/z', 'z'.repeat(600)),
  END,
)
const HEADERS = [0, 512, 1536, 2560, 3584, 4608, 5632, 6144]

/** What a fuzzer does to headers: a field overwritten, the checksum put right again, so that the mutant gets past it. */
const mutation = fc.record({
  header: fc.constantFrom(...HEADERS),
  at: fc.integer({ min: 0, max: 511 }),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
  mendsChecksum: fc.boolean(),
})

function mutate(
  mutations: readonly { header: number; at: number; bytes: Uint8Array; mendsChecksum: boolean }[],
): Uint8Array {
  const tar = SEED.slice()
  for (const { header, at, bytes, mendsChecksum } of mutations) {
    tar.set(bytes.subarray(0, 512 - at), header + at)
    if (!mendsChecksum) continue
    tar.fill(0x20, header + 148, header + 156)
    const sum = tar.subarray(header, header + 512).reduce((total, byte) => total + byte, 0)
    tar.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, '0')}\0 `), header + 148)
  }
  return tar
}

test('the seed is sound', () => {
  expect(listing(SEED).names).toEqual(['top/a', 'from-pax', 'l'.repeat(299), 'top/z'])
})

test('a mutated archive is read to its end, the same in pieces of any size', () => {
  fc.assert(
    fc.property(
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 2000 }),
      (mutations, pieceBytes) => {
        const tar = mutate(mutations)
        const whole = listing(tar, { pieceBytes: tar.length })
        expect(listing(tar, { pieceBytes })).toEqual(whole)
      },
    ),
    { numRuns: 3000 },
  )
})

test('no entry is found in bytes that have no header', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000, size: 'max' }), (bytes) => {
      expect(listing(bytes)).toMatchObject({ names: [], sawHeader: false })
    }),
    { numRuns: 500 },
  )
})
