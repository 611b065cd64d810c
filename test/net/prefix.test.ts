import * as fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { expect, test } from 'vitest'
import { isV4 } from '../../analyzer/net/address.ts'
import {
  ALL_V4,
  ALL_V6,
  formatPrefix,
  parsePrefix,
  prefixContains,
  prefixCovers,
  prefixOf,
  prefixSize,
  prefixesOverlap,
  smallestCoveringPrefix,
} from '../../analyzer/net/prefix.ts'
import { address, prefix } from '../support/known.ts'

test.each([
  ['10.42.0.0/16', '10.42.0.0/16'],
  ['10.42.1.1/24', '10.42.1.0/24'],
  ['192.0.2.7', '192.0.2.7/32'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['2001:db8::1/32', '2001:db8::/32'],
  ['2001:db8::1', '2001:db8::1/128'],
  ['::/0', '::/0'],
])('reads %s as %s', (text, written) => {
  expect(formatPrefix(prefix(text))).toBe(written)
})

test.each([
  '10.0.0.0/33',
  '::/129',
  '10.0.0.0/',
  '10.0.0.0/08',
  '10.0.0.0/-1',
  '10.0.0.0/8/8',
  '/8',
  '10/8',
  'default',
])('%j is no prefix', (text) => {
  expect(parsePrefix(text)).toBeUndefined()
})

test('agrees with ipaddr.js on what a prefix holds', () => {
  const pairs = fc.oneof(
    fc.tuple(fc.ipV4(), fc.ipV4(), fc.integer({ min: 0, max: 32 })),
    fc.tuple(fc.ipV6(), fc.ipV6(), fc.integer({ min: 0, max: 128 })),
  )
  fc.assert(
    fc.property(pairs, fc.integer({ min: 0, max: 128 }), ([base, other, length], near) => {
      const block = prefix(`${base}/${length}`)
      const oracle = ipaddr.parse(base)
      // An address that shares some of its bits with the prefix, so that both answers come up.
      const close = prefixOf(address(base), near).address
      for (const candidate of [address(other), close]) {
        const there = ipaddr.parse(candidate)
        const parts = (from: typeof oracle): number[] => ('parts' in from ? from.parts : from.octets)
        const bits = (from: typeof oracle): string =>
          parts(from)
            .map((part) => part.toString(2).padStart('parts' in from ? 16 : 8, '0'))
            .join('')
        const expected = bits(there).slice(0, length) === bits(oracle).slice(0, length)
        expect(prefixContains(block, candidate)).toBe(expected)
      }
    }),
  )
})

test('no prefix holds an address of the other family', () => {
  expect(prefixContains(ALL_V4, address('::1'))).toBe(false)
  expect(prefixContains(ALL_V6, address('127.0.0.1'))).toBe(false)
  expect(prefixesOverlap(ALL_V4, ALL_V6)).toBe(false)
})

test.each([
  ['10.42.0.0/16', '10.42.1.0/24', true, true],
  ['10.42.1.0/24', '10.42.0.0/16', false, true],
  ['10.42.0.0/16', '10.43.0.0/16', false, false],
  ['10.42.0.0/16', '10.42.0.0/16', true, true],
  ['2001:db8::/32', '2001:db8:a::/48', true, true],
])('%s and %s', (a, b, covers, overlap) => {
  expect(prefixCovers(prefix(a), prefix(b))).toBe(covers)
  expect(prefixesOverlap(prefix(a), prefix(b))).toBe(overlap)
})

test('counts addresses', () => {
  expect(prefixSize(prefix('10.42.1.0/24'))).toBe(256n)
  expect(prefixSize(prefix('192.0.2.1'))).toBe(1n)
  expect(prefixSize(ALL_V6)).toBe(2n ** 128n)
})

test.each([
  [['10.43.0.1', '10.43.0.10'], '10.43.0.0/28'],
  [['10.43.0.1', '10.43.255.9'], '10.43.0.0/16'],
  [['10.43.0.1'], '10.43.0.1/32'],
  [['0.0.0.0', '255.255.255.255'], '0.0.0.0/0'],
  [['2001:db8::1', '2001:db8::8000:1'], '2001:db8::/96'],
])('the smallest prefix over %j is %s', (texts, written) => {
  expect(smallestCoveringPrefix(texts.map(address))).toEqual(prefix(written))
})

test('there is no covering prefix for none, or for both families', () => {
  expect(smallestCoveringPrefix([])).toBeUndefined()
  expect(smallestCoveringPrefix([address('10.0.0.1'), address('::1')])).toBeUndefined()
})

test('a covering prefix holds all, and half of it does not', () => {
  fc.assert(
    fc.property(fc.array(fc.ipV4(), { minLength: 2, maxLength: 6 }), (texts) => {
      const addresses = texts.map(address)
      const cover = smallestCoveringPrefix(addresses)
      expect(cover && addresses.every((each) => isV4(each) && prefixContains(cover, each))).toBe(true)
      if (!cover || cover.length === 32 || !addresses[0]) return
      const half = prefixOf(addresses[0], cover.length + 1)
      expect(addresses.every((each) => prefixContains(half, each))).toBe(false)
    }),
  )
})
