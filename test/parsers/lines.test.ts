import { expect, test } from 'vitest'
import { lines } from '../../analyzer/parsers/lines.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'

test('keeps what is not blank, with its number', () => {
  expect(parseText(lines, 'a\n \n\tb\r\n')).toEqual({
    value: [
      { number: 1, text: 'a' },
      { number: 3, text: '\tb' },
    ],
    unread: [],
  })
})

test('keeps 20,000 lines and lists those beyond', () => {
  const { value, unread } = parseText(lines, 'x\n'.repeat(20_002))
  expect(value).toHaveLength(20_000)
  expect(unread.map((line) => line.number)).toEqual([20_001, 20_002])
})
