import { expect, test } from 'vitest'
import * as fc from 'fast-check'
import { scanLines } from '../../analyzer/text/lineScanner.ts'
import { MAX_LINE_BYTES } from '../../analyzer/text/lineSink.ts'

type Scanned = readonly [text: string, number: number, bytes: number, dropped: number]

function scan(bytes: Uint8Array, pieceBytes = bytes.length || 1): Scanned[] {
  const lines: Scanned[] = []
  const scanner = scanLines((...line) => lines.push(line))
  for (let at = 0; at < bytes.length; at += pieceBytes) scanner.push(bytes.slice(at, at + pieceBytes))
  scanner.end()
  return lines
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

function utf16(text: string, littleEndian: boolean): Uint8Array {
  const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le')
  return new Uint8Array(littleEndian ? bytes : bytes.swap16())
}

test('cuts at LF and CRLF and counts the line ends', () => {
  expect(scan(utf8('a\nbc\r\n\n\r\nlast'))).toEqual([
    ['a', 1, 2, 0],
    ['bc', 2, 4, 0],
    ['', 3, 1, 0],
    ['', 4, 2, 0],
    ['last', 5, 4, 0],
  ])
})

test('an empty text has no lines, a text that ends in LF no empty last one', () => {
  expect(scan(utf8(''))).toEqual([])
  expect(scan(utf8('x\n'))).toEqual([['x', 1, 2, 0]])
})

test('a return within a line stays, and so does a NUL', () => {
  expect(scan(utf8('a\rb\r\r\n\0\n'))).toEqual([
    ['a\rb\r', 1, 6, 0],
    ['\0', 2, 2, 0],
  ])
})

test('leaves a UTF-8 byte order mark out of the text and in the bytes', () => {
  for (const pieceBytes of [1, 2, 3, 100]) {
    expect(scan(utf8('\uFEFFa\nb'), pieceBytes)).toEqual([
      ['a', 1, 5, 0],
      ['b', 2, 1, 0],
    ])
  }
})

test('decodes UTF-16 of both byte orders by its mark, in pieces cut within a unit', () => {
  for (const littleEndian of [true, false]) {
    for (const pieceBytes of [1, 3, 100]) {
      expect(scan(utf16('节点\r\n😀b', littleEndian), pieceBytes)).toEqual([
        ['节点', 1, 10, 0],
        ['😀b', 2, 6, 0],
      ])
    }
  }
})

test('an odd last byte of UTF-16 and a lone mark keep the count of bytes', () => {
  expect(scan(new Uint8Array([0xff, 0xfe, 0x61, 0x00, 0x0a, 0x00, 0x62]))).toEqual([
    ['a', 1, 6, 0],
    ['\uFFFD', 2, 1, 0],
  ])
  expect(scan(new Uint8Array([0xff, 0xfe]))).toEqual([['', 1, 2, 0]])
})

test('bytes that are no UTF-8 become U+FFFD and lose no line', () => {
  const latin1 = new Uint8Array([0x6d, 0xfc, 0x0a, 0xc3, 0x0a, 0xe4, 0xb8, 0x0d, 0x0a, 0x6f])
  for (const pieceBytes of [1, 2, 3, 100]) {
    expect(scan(latin1, pieceBytes)).toEqual([
      ['m\uFFFD', 1, 3, 0],
      ['\uFFFD', 2, 2, 0],
      ['\uFFFD', 3, 4, 0],
      ['o', 4, 1, 0],
    ])
  }
})

test('keeps 64 KiB of a line and counts the rest, whatever the pieces', () => {
  const long = utf8(`${'x'.repeat(MAX_LINE_BYTES + 10)}\r\nnext\n`)
  const exact = utf8(`${'y'.repeat(MAX_LINE_BYTES)}\n`)
  for (const pieceBytes of [1000, 65_536, 1_000_000]) {
    expect(scan(long, pieceBytes)).toEqual([
      ['x'.repeat(MAX_LINE_BYTES), 1, MAX_LINE_BYTES + 12, 10],
      ['next', 2, 5, 0],
    ])
    expect(scan(exact, pieceBytes)).toEqual([['y'.repeat(MAX_LINE_BYTES), 1, MAX_LINE_BYTES + 1, 0]])
  }
})

test('does not cut a character in two at the limit', () => {
  const long = utf8(`${'x'.repeat(MAX_LINE_BYTES - 1)}节\n`)
  for (const pieceBytes of [1000, 1_000_000]) {
    expect(scan(long, pieceBytes)).toEqual([['x'.repeat(MAX_LINE_BYTES - 1), 1, MAX_LINE_BYTES + 3, 3]])
  }
  const wide = utf16('节'.repeat(MAX_LINE_BYTES), true)
  expect(scan(wide, 1000)).toEqual([
    ['节'.repeat(MAX_LINE_BYTES / 2), 1, 2 * MAX_LINE_BYTES + 2, MAX_LINE_BYTES],
  ])
})

const byteMix = fc.array(
  fc.oneof(
    fc.constantFrom([0x0a], [0x0d, 0x0a], [0x0d], [0], [0xff], [0xc3], [0xe4, 0xb8], [0xf0, 0x9f]),
    fc.string({ unit: 'binary', maxLength: 6 }).map((text) => Array.from(utf8(text))),
  ),
  { maxLength: 40 },
)

test('gives the lines of the text decoded whole, with all bytes counted, in pieces of any size', () => {
  fc.assert(
    fc.property(byteMix, fc.integer({ min: 1, max: 50 }), (parts, pieceBytes) => {
      const bytes = new Uint8Array(parts.flat())
      fc.pre(!(bytes[0] === 0xff && bytes[1] === 0xfe) && !(bytes[0] === 0xfe && bytes[1] === 0xff))
      const lines = scan(bytes, pieceBytes)
      const whole = new TextDecoder().decode(bytes).split('\n')
      if (whole.at(-1) === '' && bytes.at(-1) !== undefined && bytes.at(-1) === 0x0a) whole.pop()
      if (bytes.length === 0) whole.pop()
      expect(lines.map(([text]) => text)).toEqual(
        whole.map((text) => (text.endsWith('\r') ? text.slice(0, -1) : text)),
      )
      expect(lines.reduce((sum, [, , length]) => sum + length, 0)).toBe(bytes.length)
    }),
    { numRuns: 2000 },
  )
})
