import { expect, test } from 'vitest'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { procNeighStat } from '../../analyzer/parsers/procNeighStat.ts'
import { fixture } from '../support/fixture.ts'

test('takes the entries once and sums the rest over the processors', () => {
  const { value, unread } = parseText(procNeighStat, fixture('arp-cache-stat/quiet.txt'))
  expect(unread).toEqual([])
  expect(value.entries).toMatchObject({ value: 2, line: { number: 2 } })
  expect(value.tableFulls).toMatchObject({ value: 0 })
  expect(value.counters.get('lookups')).toBe(0x0d + 0x1b)
  expect(value.counters.get('res_failed')).toBe(3)
})

test('counts refusals, and cites the processor with the most', () => {
  const text =
    'entries  allocs unresolved_discards table_fulls\n00000400 00000001 00000000 0000000a\n00000400 00000001 00000000 000000ff\n'
  const { value } = parseText(procNeighStat, text)
  expect(value.entries?.value).toBe(1024)
  expect(value.tableFulls).toMatchObject({ value: 265, line: { number: 3 } })
})

test('an older kernel does not count refusals', () => {
  const { value, unread } = parseText(procNeighStat, 'entries  allocs destroys\n00000003 00000001 00000000\n')
  expect(unread).toEqual([])
  expect(value.entries?.value).toBe(3)
  expect(value).not.toHaveProperty('tableFulls')
})

test('lists rows that fit no heading', () => {
  const { value, unread } = parseText(procNeighStat, '00000001\nentries allocs\n1 2 3\nxyz 1\n__proto__\n')
  expect(value).toEqual({ counters: new Map() })
  expect(unread.map((line) => line.number)).toEqual([1, 3, 4, 5])
})
