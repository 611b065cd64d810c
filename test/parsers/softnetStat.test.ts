import { expect, test } from 'vitest'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { softnetStat } from '../../analyzer/parsers/softnetStat.ts'
import { fixture } from '../support/fixture.ts'

test('reads a row for each processor', () => {
  const { value, unread } = parseText(softnetStat, fixture('softnet-stat/two-cpus.txt'))
  expect(unread).toEqual([])
  expect(value).toMatchObject([
    { cpu: 0, processed: 0x0007072a, dropped: 0, timeSqueeze: 4, line: { number: 1 } },
    { cpu: 1, processed: 0x0005e845, dropped: 0, timeSqueeze: 2, line: { number: 2 } },
  ])
})

test('numbers the rows of an older kernel, which does not', () => {
  const row =
    '00000001 00000002 00000003 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000'
  const { value } = parseText(softnetStat, `${row}\n${row}\n`)
  expect(value.map(({ cpu, dropped, timeSqueeze }) => [cpu, dropped, timeSqueeze])).toEqual([
    [0, 2, 3],
    [1, 2, 3],
  ])
})

test('lists rows that are no numbers', () => {
  const { value, unread } = parseText(softnetStat, '__proto__ 1 2\n1 2\n1 2 3 zz\n')
  expect(value).toEqual([])
  expect(unread).toHaveLength(3)
})
