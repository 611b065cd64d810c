import { expect, test } from 'vitest'
import { END, body, entry, header, join, paxRecord } from './tarBlocks.ts'
import { listing } from './listing.ts'

const after = entry('after.txt', 'hi\n')

test('reads the same in pieces of any size', () => {
  const tar = join(entry('a.txt', 'one\n'), entry('b.txt', 'x'.repeat(1500)), entry('empty', ''), END)
  const whole = listing(tar)
  expect(whole.files.map(({ name, bytes }) => [name, bytes])).toEqual([
    ['a.txt', 4],
    ['b.txt', 1500],
    ['empty', 0],
  ])
  expect(whole.problems).toEqual([])
  for (const pieceBytes of [1, 7, 511, 512, 513]) expect(listing(tar, { pieceBytes })).toEqual(whole)
})

test('a v7 header and its directories, told by their slash', () => {
  const tar = join(
    header({ name: 'd/', type: '\0', magic: '' }),
    entry('d/f', 'x', { type: '\0', magic: '' }),
    END,
  )
  expect(listing(tar)).toMatchObject({ names: ['d/f'], problems: [] })
})

// GNU tar 1.34 lists `after.txt` of exactly these archives: a directory or hard link has no bytes of its own.
test.each(['5', '1'])('a size in a header of type %s is not skipped', (type) => {
  const { names, codes } = listing(join(header({ name: 'd/', type, size: 512 }), after, END))
  expect(names).toEqual(['after.txt'])
  expect(codes).toEqual(type === '1' ? ['link-passed-over'] : [])
})

test.each(['2', '3', '4', '6'])('type %s with bytes of its own loses nothing and is named', (type) => {
  const special = header({ name: 'd', type, size: 512 })
  for (const tar of [join(special, after, END), join(special, body('A'.repeat(512)), after, END)]) {
    const { names, codes } = listing(tar)
    expect(names).toEqual(['after.txt'])
    expect(codes).toContain('link-passed-over')
    expect(codes).toContain('archive-damaged')
  }
})

test.each(['9', 'Z', 'D', 'V', 'M'])('an entry of type %s is passed over by its size', (type) => {
  const { names, codes } = listing(
    join(header({ name: 'd', type, size: 700 }), body('A'.repeat(700)), after, END),
  )
  expect(names).toEqual(['after.txt'])
  expect(codes).toEqual(['entry-type-unknown'])
})

test('GNU long names: the body ends at its NUL; a link name is passed over; an empty one counts for nothing', () => {
  const long = `${'n/'.repeat(120)}f`
  const longName = join(
    header({ name: '././@LongLink', type: 'L', size: long.length + 1 }),
    body(`${long}\0`),
  )
  const longLink = join(header({ name: '././@LongLink', type: 'K', size: 600 }), body('k'.repeat(600)))
  expect(listing(join(longName, longLink, entry('short', 'x'), after, END))).toMatchObject({
    names: [long, 'after.txt'],
    problems: [],
  })
  const empty = header({ name: '././@LongLink', type: 'L' })
  expect(listing(join(empty, after, END))).toMatchObject({ names: ['after.txt'], problems: [] })
})

test('PAX path and size win over the header, for the next real entry only', () => {
  const records = `${paxRecord('mtime', '1.5')}${paxRecord('path', 'päth')}${paxRecord('size', '3')}`
  const pax = join(header({ name: 'x', type: 'x', size: Buffer.byteLength(records) }), body(records))
  const longName = join(header({ name: 'L', type: 'L', size: 4 }), body('gnu\0'))
  const tar = join(pax, longName, header({ name: 'ustar' }), body('abc'), after, END)
  expect(listing(tar).files.map(({ name, text }) => [name, text])).toEqual([
    ['päth', 'abc'],
    ['after.txt', 'hi\n'],
  ])
})

test('an empty PAX header and a global one are passed over', () => {
  const global = paxRecord('path', 'everything')
  const tar = join(
    header({ name: 'g', type: 'g', size: global.length }),
    body(global),
    header({ name: 'x', type: 'x' }),
    after,
    END,
  )
  expect(listing(tar)).toMatchObject({ names: ['after.txt'], problems: [] })
})

test.each([
  ['a wrong length', '99 path=x\n'],
  ['a length of zero', '0 path=x\n'],
  ['no number', 'path=x\n'],
  ['no line feed', '9 path=xy'],
  ['a NUL in the path', paxRecord('path', 'a\0b')],
  ['a size in words', paxRecord('size', 'ten')],
  ['a size that is no safe integer', paxRecord('size', '9007199254740993')],
  ['65 records', paxRecord('k', 'v').repeat(65)],
])('a PAX header with %s is named, and its entry passed over', (_, records) => {
  const pax = join(header({ name: 'x', type: 'x', size: records.length }), body(records))
  const { names, codes } = listing(join(pax, entry('hidden', 'abc'), after, END))
  expect(names).toEqual(['after.txt'])
  expect(codes).toEqual(['archive-damaged'])
})

test('a header of an entry beyond 64 KiB is skipped, and its entry with it', () => {
  for (const type of ['x', 'L']) {
    const size = 65 * 1024
    const tar = join(
      header({ name: 'h', type, size }),
      new Uint8Array(size).fill(0x41),
      entry('nameless', 'abc'),
      after,
      END,
    )
    expect(listing(tar)).toMatchObject({ names: ['after.txt'], codes: ['limit-header-bytes'] })
  }
})

test('a GNU sparse file with extension headers is passed over to the byte', () => {
  const sparse = header({ name: 'holes', type: 'S', size: 600, magic: 'ustar  \0' })
  sparse[482] = 1
  sparse.set(new TextEncoder().encode(checksumOf(sparse)), 148)
  const more = new Uint8Array(512)
  more[504] = 1
  const tar = join(sparse, more, new Uint8Array(512), body('d'.repeat(600)), after, END)
  expect(listing(tar)).toMatchObject({ names: ['after.txt'], codes: ['entry-sparse'] })
})

/** A size field in base 256: its first byte and its last. */
function field(first: number, ...last: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(12)
  bytes[0] = first
  bytes.set(last, 12 - last.length)
  return bytes
}

test('base-256 sizes: a large one is read, a negative or unsafe one is refused by name', () => {
  const good = join(header({ name: 'big', sizeField: field(0x80, 2, 3) }), body('b'.repeat(515)), after, END)
  expect(listing(good).files.map(({ name, bytes }) => [name, bytes])).toEqual([
    ['big', 515],
    ['after.txt', 3],
  ])
  for (const bad of [
    field(0xff),
    new Uint8Array(12).fill(0xff),
    field(0xb0, 1),
    field(0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0),
  ]) {
    const { names, codes } = listing(join(header({ name: 'bad', sizeField: bad }), after, END))
    expect(names).toEqual(['after.txt'])
    expect(codes).toEqual(['archive-damaged'])
  }
})

test.each(['-0000000001\0', '00000000x00\0', ' '.repeat(12)])('the size %j is refused by name', (digits) => {
  const sizeField = new TextEncoder().encode(digits)
  expect(listing(join(header({ name: 'bad', sizeField }), after, END))).toMatchObject({
    names: ['after.txt'],
    codes: ['archive-damaged'],
  })
})

test('a size field of NULs is 0, as GNU tar reads it', () => {
  expect(listing(join(header({ name: 'n', sizeField: new Uint8Array(12) }), after, END))).toMatchObject({
    names: ['n', 'after.txt'],
    problems: [],
  })
})

test('a signed checksum, as some old tars wrote it, is taken', () => {
  const name = 'müll'
  const unsigned = header({ name })
  const sum = Number.parseInt(new TextDecoder().decode(unsigned.subarray(148, 154)), 8)
  const signed = header({ name, checksum: `${(sum - 2 * 256).toString(8).padStart(6, '0')}\0 ` })
  expect(listing(join(signed, END))).toMatchObject({ names: [name], problems: [] })
})

test('after a damaged header reading goes on at the next one, and says where', () => {
  const broken = entry('broken', 'B'.repeat(1000))
  broken[5] = 0x7a
  const { names, problems } = listing(join(entry('before', 'x'), broken, after, END))
  expect(names).toEqual(['before', 'after.txt'])
  expect(problems).toMatchObject([
    {
      code: 'archive-damaged',
      message: { en: expect.stringContaining('offset 1024'), zh: expect.stringContaining('偏移 1024') },
    },
  ])
})

test('an archive without its end is truncated, even where it is cut between entries', () => {
  expect(listing(after)).toMatchObject({ names: ['after.txt'], codes: ['archive-truncated'] })
  expect(listing(join(after, new Uint8Array(512)))).toMatchObject({ codes: ['archive-truncated'] })
  expect(listing(join(after, header({ name: 'cut', size: 600 }), body('c')))).toMatchObject({
    names: ['after.txt'],
    cut: 'cut',
  })
})

test('what follows the end is named: bytes, or another archive, which is read', () => {
  expect(listing(join(after, END, new Uint8Array(9000)))).toMatchObject({ problems: [] })
  expect(listing(join(after, END, body('junk'))).codes).toEqual(['archive-trailing-data'])
  expect(listing(join(after, END, new Uint8Array([0, 1]))).codes).toEqual(['archive-trailing-data'])
  const two = listing(join(after, END, entry('second', 'x'), END))
  expect(two).toMatchObject({ names: ['after.txt', 'second'], codes: ['archive-trailing-data'] })
})

test('a lone block of zeros between entries hides nothing, and is named', () => {
  const { names, codes } = listing(join(after, new Uint8Array(512), entry('second', 'x'), END))
  expect(names).toEqual(['after.txt', 'second'])
  expect(codes).toEqual(['archive-damaged'])
})

test('padding that is not zeros is named once', () => {
  const dirty = entry('a', 'x')
  dirty[700] = 1
  expect(listing(join(dirty, dirty, END))).toMatchObject({ names: ['a', 'a'], codes: ['archive-damaged'] })
})

test('limits: entries, bytes of an entry', () => {
  const many = listing(join(after, after, after, END), { limits: { entries: 2 } })
  expect(many).toMatchObject({ names: ['after.txt', 'after.txt'], codes: ['limit-entries'] })
  const big = listing(join(entry('big', 'b'.repeat(2000)), after, END), { limits: { entryBytes: 1999 } })
  expect(big).toMatchObject({ names: ['after.txt'], codes: ['limit-entry-bytes'] })
})

test('500,000 PAX keys and a global PAX header before each of 1,000 entries cost nothing', () => {
  const records = paxRecord('k', 'v').repeat(500_000)
  const global = join(header({ name: 'g', type: 'g', size: records.length }), body(records))
  const tar = join(global, ...Array.from({ length: 1000 }, (_, index) => entry(`f${index}`, 'x')), END)
  const own = join(header({ name: 'x', type: 'x', size: records.length }), body(records), after, END)
  // A reader that copies the keys for each entry takes nine minutes, and the test is stopped.
  expect(listing(tar).names).toHaveLength(1000)
  expect(listing(own).codes).toEqual(['limit-header-bytes'])
})

test('200,000 empty entries in one piece neither overflow the stack nor take long', () => {
  const one = header({ name: 'f' })
  const tar = new Uint8Array(200_000 * 512 + 1024)
  for (let index = 0; index < 200_000; index += 1) tar.set(one, index * 512)
  const result = listing(tar, { pieceBytes: tar.length })
  expect(result.files).toHaveLength(200_000)
  expect(result.problems).toEqual([])
})

function checksumOf(block: Uint8Array): string {
  const sum = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0)
  return `${sum.toString(8).padStart(6, '0')}\0 `
}
