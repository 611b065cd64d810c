import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatPrefix, prefixContains } from '../../analyzer/net/prefix.ts'
import { prefixTable } from '../../analyzer/net/prefixTable.ts'
import { address, prefix } from '../support/known.ts'

test('the longest prefix wins, and may bear several values', () => {
  const table = prefixTable([
    [prefix('0.0.0.0/0'), 'default'],
    [prefix('10.244.0.0/16'), 'pods'],
    [prefix('10.244.2.0/24'), 'node 2'],
    [prefix('10.244.2.0/24'), 'node 2 again'],
    [prefix('2001:db8::/32'), 'v6'],
  ])
  expect(table.lookup(address('10.244.2.9'))).toEqual(['node 2', 'node 2 again'])
  expect(table.lookup(address('10.244.3.9'))).toEqual(['pods'])
  expect(table.lookup(address('192.0.2.1'))).toEqual(['default'])
  expect(table.lookup(address('2001:db8::1'))).toEqual(['v6'])
  expect(table.lookup(address('::1'))).toEqual([])
})

test('agrees with a search through all prefixes', () => {
  const prefixes = fc.array(
    fc.tuple(fc.constantFrom('10.1.2.3', '10.1.255.1', '192.0.2.1'), fc.integer({ min: 0, max: 32 })),
  )
  fc.assert(
    fc.property(
      prefixes,
      fc.constantFrom('10.1.2.3', '10.1.2.77', '192.0.2.200', '10.9.9.9'),
      (blocks, wanted) => {
        const all = blocks.map(([base, length]) => prefix(`${base}/${length}`))
        const holding = all.filter((each) => prefixContains(each, address(wanted)))
        const longest = Math.max(...holding.map((each) => each.length))
        const expected = holding.filter((each) => each.length === longest).map(formatPrefix)
        const found = prefixTable(all.map((each) => [each, formatPrefix(each)])).lookup(address(wanted))
        expect(found).toEqual(expected)
      },
    ),
  )
})
