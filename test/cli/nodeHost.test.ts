import { expect, test } from 'vitest'
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { constants, deflateRawSync, gzipSync } from 'node:zlib'
import { nodeHost } from '../../analyzer/cli/nodeHost.ts'
import { piecesOf } from '../bundle/testBundle.ts'

/** What gunzip hands out, and what it throws after that. */
async function gunzip(bytes: Uint8Array, pieceBytes = 65_536) {
  const outputs: Uint8Array[] = []
  try {
    for await (const output of nodeHost.gunzip(piecesOf(bytes, pieceBytes))) outputs.push(output)
    return { text: Buffer.concat(outputs).toString(), fault: null }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return { text: Buffer.concat(outputs).toString(), fault: error.name, message: error.message }
  }
}

const text = Array.from({ length: 3000 }, (_, index) => `line ${index} ${(index * 7919) % 1000}`).join('\n')
const packed = new Uint8Array(gzipSync(text))
const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))

test('unpacks in pieces of any size', async () => {
  for (const size of [1, 7, 1000, 65_536]) expect(await gunzip(packed, size)).toEqual({ text, fault: null })
})

test.each(['gzip -1', 'gzip -9', 'gzip -n', 'busybox gzip'])('unpacks what `%s` packs', async (command) => {
  const bytes = execFileSync(command, { input: text, shell: '/bin/sh' })
  expect(await gunzip(new Uint8Array(bytes))).toEqual({ text, fault: null })
})

test('unpacks stored and empty data', async () => {
  const stored = new Uint8Array(gzipSync(text, { level: constants.Z_NO_COMPRESSION }))
  expect(await gunzip(stored)).toEqual({ text, fault: null })
  expect(await gunzip(new Uint8Array(gzipSync('')))).toEqual({ text: '', fault: null })
})

test('reads a header with extra field, name, comment and checksum', async () => {
  const flags = 0x02 | 0x04 | 0x08 | 0x10
  const header = new Uint8Array([
    0x1f,
    0x8b,
    8,
    flags,
    0,
    0,
    0,
    0,
    0,
    3,
    3,
    0,
    1,
    2,
    3,
    0x6e,
    0,
    0x63,
    0x63,
    0,
    0xaa,
    0xbb,
  ])
  const bytes = join(header, packed.subarray(10))
  for (const size of [1, 5, 1000]) expect(await gunzip(bytes, size)).toEqual({ text, fault: null })
})

test('several members are one stream, and zeros behind them are padding', async () => {
  const two = join(packed, new Uint8Array(gzipSync('')), new Uint8Array(gzipSync(' more')))
  for (const size of [1, 1000, 1_000_000]) {
    expect(await gunzip(two, size)).toEqual({ text: `${text} more`, fault: null })
    expect(await gunzip(join(two, new Uint8Array(5000)), size)).toEqual({ text: `${text} more`, fault: null })
  }
})

test.each([
  ['something behind it', join(packed, new Uint8Array([0x41, 0x42])), /not gzip follows/],
  [
    'something behind its padding',
    join(packed, new Uint8Array(100), new Uint8Array([0x41])),
    /not gzip follows/,
  ],
  ['a wrong checksum', packed.with(packed.length - 6, 1 ^ (packed.at(-6) ?? 0)), /checksum/],
  ['a wrong length', packed.with(packed.length - 1, 1 ^ (packed.at(-1) ?? 0)), /length/],
  ['no whole trailer', packed.subarray(0, -3), /ends before its checksum/],
  ['no trailer', packed.subarray(0, -8), /ends early/],
])('with %s all is handed out before the damage is told', async (_, bytes, message) => {
  for (const size of [1, 1000, 1_000_000]) {
    expect(await gunzip(bytes, size)).toEqual({
      text,
      fault: 'GzipDamage',
      message: expect.stringMatching(message),
    })
  }
})

test('cut anywhere, what gzip itself would unpack is handed out', async () => {
  for (let cut = 11; cut < packed.length; cut += 997) {
    const { text: got, fault } = await gunzip(packed.subarray(0, cut))
    const theirs = execFileSync('gzip -dc 2>/dev/null || true', {
      input: packed.subarray(0, cut),
      shell: '/bin/sh',
    })
    expect([cut, fault, got.length >= theirs.length, text.startsWith(got)]).toEqual([
      cut,
      'GzipDamage',
      true,
      true,
    ])
  }
})

test('damage in a bundle of common size costs nothing of what came before', async () => {
  // A stored block, whose end is known to the byte, and then a block of the type that deflate does not have (RFC 1951).
  const stored = new Uint8Array([0, 5, 0, 0xfa, 0xff, 0x68, 0x65, 0x6c, 0x6c, 0x6f])
  const bytes = join(packed.subarray(0, 10), stored, new Uint8Array(40).fill(0xff))
  for (const size of [1, 7, 1000]) {
    expect(await gunzip(bytes, size)).toEqual({
      text: 'hello',
      fault: 'GzipDamage',
      message: expect.stringMatching(/damaged/),
    })
  }
})

test('damage in the middle of a large one keeps what came before, up to 64 KiB less', async () => {
  const large = randomBytes(1_200_000).toString('hex')
  const bytes = new Uint8Array(gzipSync(large))
  const middle = Math.floor(bytes.length / 2)
  bytes.set(new Uint8Array(64).fill(0xff), middle)
  const { text: got, fault } = await gunzip(bytes)
  expect(fault).toBe('GzipDamage')
  expect(got.length).toBeGreaterThan(1_200_000 - 2 * 65_536)
  expect(large.startsWith(got.slice(0, 1_000_000))).toBe(true)
})

test.each([
  ['no gzip', new Uint8Array([0x50, 0x4b, 3, 4]), /no gzip header/],
  ['raw deflate', new Uint8Array(deflateRawSync('x'.repeat(100))), /no gzip header/],
  ['a reserved flag', packed.with(3, 0x80), /no gzip header/],
  [
    'an endless name',
    join(packed.subarray(0, 3), new Uint8Array([8]), new Uint8Array(100_000).fill(0x41)),
    /no gzip header/,
  ],
  ['nothing', new Uint8Array(0), /ends within a gzip header/],
])('%s is damage, not a crash', async (_, bytes, message) => {
  expect(await gunzip(bytes)).toEqual({
    text: '',
    fault: 'GzipDamage',
    message: expect.stringMatching(message),
  })
})

test('an error of the input passes through, and a reader that stops closes the input', async () => {
  let closed = false
  async function* source(fails: boolean) {
    try {
      yield packed.subarray(0, 5000)
      if (fails) throw new Error('EIO')
      yield packed.subarray(5000)
    } finally {
      closed = true
    }
  }
  const outputs = nodeHost.gunzip(source(true))[Symbol.asyncIterator]()
  await expect(outputs.next()).resolves.toMatchObject({ done: false })
  await expect(outputs.next()).rejects.toThrow('EIO')
  closed = false
  for await (const output of nodeHost.gunzip(source(false))) if (output.length > 0) break
  expect(closed).toBe(true)
})

test('digests in pieces', () => {
  const running = nodeHost.sha256()
  running.update(new TextEncoder().encode('ab'))
  running.update(new TextEncoder().encode('c'))
  // FIPS 180-4, example of SHA-256 of "abc".
  expect(running.digest()).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(nodeHost.sha256().digest()).toBe(createHash('sha256').digest('hex'))
})
