import { expect, test } from 'vitest'
import { conntrackCounts } from '../../analyzer/parsers/conntrackCounts.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'

test('reads count, max and buckets with their lines', () => {
  const { value, unread } = parseText(conntrackCounts, 'count=4182\nmax=131072\nbuckets=32768\n')
  expect(value).toEqual({
    count: { value: 4182, line: { number: 1, text: 'count=4182' } },
    max: { value: 131072, line: { number: 2, text: 'max=131072' } },
    buckets: { value: 32768, line: { number: 3, text: 'buckets=32768' } },
  })
  expect(unread).toEqual([])
})

test('an empty file has no counts', () => {
  expect(parseText(conntrackCounts, '').value).toEqual({})
})

test('lists a line that is no known counter', () => {
  const { value, unread } = parseText(conntrackCounts, 'count=many\n__proto__=1\nmax=5\n')
  expect(value).toEqual({ max: { value: 5, line: { number: 3, text: 'max=5' } } })
  expect(unread.map((line) => line.number)).toEqual([1, 2])
})
