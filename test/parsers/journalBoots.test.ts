import { array, assert, constantFrom, oneof, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { journalBoots } from '../../analyzer/parsers/journalBoots.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'

const A = '949d2a070ca54f26a6a2180db7ebc8fb'
const B = '3d1219c7c4c5404aaa1f6d2a48adfda4'

test('the form until systemd 251: no header, a dash between the times', () => {
  const text = `-1 ${B} Mon 2023-02-20 09:12:01 UTC—Tue 2023-02-28 15:00:00 UTC\n 0 ${A} Tue 2023-02-28 15:26:57 UTC—Wed 2023-03-01 00:00:00 UTC\n`
  const { value, unread } = parseText(journalBoots, text)
  expect(unread).toEqual([])
  expect(value).toMatchObject([
    {
      index: -1,
      bootId: B,
      firstMs: Date.parse('2023-02-20T09:12:01Z'),
      lastMs: Date.parse('2023-02-28T15:00:00Z'),
      line: { number: 1 },
    },
    {
      index: 0,
      bootId: A,
      firstMs: Date.parse('2023-02-28T15:26:57Z'),
      lastMs: Date.parse('2023-03-01T00:00:00Z'),
    },
  ])
})

test('the table since systemd 252', () => {
  const text = [
    'IDX BOOT ID                          FIRST ENTRY                 LAST ENTRY                 ',
    ` -1 ${B} Fri 2026-11-20 09:00:00 UTC Sat 2026-11-21 00:30:00 UTC`,
    `  0 ${A} Sat 2026-11-21 00:31:01 UTC Sat 2026-11-21 00:31:03 UTC`,
    '',
  ].join('\n')
  const { value, unread } = parseText(journalBoots, text)
  expect(unread).toEqual([])
  expect(value.map(({ index, firstMs, lastMs }) => [index, firstMs, lastMs])).toEqual([
    [-1, Date.parse('2026-11-20T09:00:00Z'), Date.parse('2026-11-21T00:30:00Z')],
    [0, Date.parse('2026-11-21T00:31:01Z'), Date.parse('2026-11-21T00:31:03Z')],
  ])
})

test('a zone that is a mere name leaves the times as printed', () => {
  const { value } = parseText(
    journalBoots,
    ` 0 ${A} Mon 2023-02-20 09:12:01 CST—Tue 2023-02-28 15:26:57 CST\n`,
  )
  expect(value[0]).not.toHaveProperty('firstMs')
  expect(value[0]?.first).toEqual({ year: 2023, month: 2, day: 20, msOfDay: 33_121_000 })
  expect(value[0]?.last).toMatchObject({ month: 2, day: 28 })
})

test('any other line is not read', () => {
  const { value, unread } = parseText(journalBoots, 'No journal files were found.\n 0 short-id Mon 2023\n')
  expect(value).toEqual([])
  expect(unread.map(({ number }) => number)).toEqual([1, 2])
})

test('no text makes it throw', () => {
  const piece = oneof(string({ unit: 'binary' }), constantFrom(A, ' 0 ', '—', 'Mon 2023-02-20 09:12:01 UTC'))
  assert(
    property(array(piece), (pieces) => {
      expect(Array.isArray(parseText(journalBoots, pieces.join('')).value)).toBe(true)
    }),
  )
})
