import * as fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { expect, test } from 'vitest'
import {
  addressFromBigInt,
  addressToBigInt,
  compareAddresses,
  isLinkLocal,
  isLoopback,
  isMulticast,
  isV4,
  isV6,
  parseAddress,
} from '../../analyzer/net/address.ts'
import { address } from '../support/known.ts'

test.each([
  // RFC 5952 section 4 and 5, RFC 4291 section 2.2
  ['192.0.2.7', '192.0.2.7'],
  ['0.0.0.0', '0.0.0.0'],
  ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
  ['2001:0DB8::0001', '2001:db8::1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['::', '::'],
  ['::1', '::1'],
  ['1::', '1::'],
  ['0:0:0:0:0:ffff:192.0.2.128', '::ffff:192.0.2.128'],
  ['::ffff:c000:0280', '::ffff:192.0.2.128'],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ['::13.1.68.3', '::d01:4403'],
])('reads %s as %s', (text, canonical) => {
  expect(parseAddress(text)).toBe(canonical)
})

test.each([
  '',
  '1',
  '10.1',
  '010.0.0.1',
  '256.0.0.1',
  '1.2.3.4.5',
  '1.2.3.',
  '1.2.3.-4',
  ' 1.2.3.4',
  '0x7f.0.0.1',
  '10.0.0.0/8',
  'fe80::1%eth0',
  '[::1]',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7::8',
  '12345::',
  '::1.2.3',
  '1.2.3.4::',
  'g::',
  ':1:2:3:4:5:6:7',
  '02:00:00:00:00:01',
  '__proto__',
  ':'.repeat(100_000),
])('%j is no address', (text) => {
  expect(parseAddress(text)).toBeUndefined()
})

test('agrees with ipaddr.js on every IPv4 address', () => {
  fc.assert(
    fc.property(fc.ipV4(), (text) => {
      const oracle = ipaddr.IPv4.parse(text)
      const read = address(text)
      expect(read).toBe(oracle.toString())
      expect(isV4(read)).toBe(true)
      expect(isLoopback(read)).toBe(oracle.range() === 'loopback')
      expect(isLinkLocal(read)).toBe(oracle.range() === 'linkLocal')
      expect(isMulticast(read)).toBe(oracle.range() === 'multicast')
      expect(addressFromBigInt(addressToBigInt(read), 'v4')).toBe(read)
    }),
  )
})

test('agrees with ipaddr.js on every IPv6 address', () => {
  // ipaddr.js takes ::13.1.68.3 for an IPv4-mapped address; RFC 4291 section 2.2 says that its upper 96 bits are zero.
  const texts = fc.ipV6().filter((text) => !/^::\d+\./.test(text))
  fc.assert(
    fc.property(texts, (text) => {
      const oracle = ipaddr.IPv6.parse(text)
      const read = address(text)
      expect(ipaddr.IPv6.parse(read).parts).toEqual(oracle.parts)
      const mapped = oracle.isIPv4MappedAddress()
      expect(read).toBe(mapped ? `::ffff:${oracle.toIPv4Address().toString()}` : oracle.toRFC5952String())
      expect(isV6(read)).toBe(true)
      expect(isLoopback(read)).toBe(oracle.range() === 'loopback')
      expect(isLinkLocal(read)).toBe(oracle.range() === 'linkLocal')
      expect(isMulticast(read)).toBe(oracle.range() === 'multicast')
      expect(addressFromBigInt(addressToBigInt(read), 'v6')).toBe(read)
    }),
  )
})

test('reads nothing that ipaddr.js does not know', () => {
  const soup = fc.string({ unit: fc.constantFrom(...Array.from('0123456789abfF:.%/')), maxLength: 24 })
  fc.assert(
    fc.property(soup, (text) => {
      expect(parseAddress(text) === undefined || ipaddr.isValid(text)).toBe(true)
    }),
    { numRuns: 2000 },
  )
})

test.each([
  ['127.3.2.1', 'loopback'],
  ['::1', 'loopback'],
  ['169.254.1.1', 'link-local'],
  ['fe80::1', 'link-local'],
  ['febf::1', 'link-local'],
  ['224.0.0.1', 'multicast'],
  ['239.255.255.255', 'multicast'],
  ['ff02::1', 'multicast'],
  ['fec0::1', 'plain'],
  ['240.0.0.1', 'plain'],
  ['192.0.2.1', 'plain'],
  ['ff::1', 'plain'],
])('%s is %s', (text, kind) => {
  const read = address(text)
  expect(isLoopback(read)).toBe(kind === 'loopback')
  expect(isLinkLocal(read)).toBe(kind === 'link-local')
  expect(isMulticast(read)).toBe(kind === 'multicast')
})

test('orders by number, IPv4 first', () => {
  const texts = ['2001:db8::10', '10.0.0.10', '::1', '10.0.0.9', '2001:db8::9', '9.255.0.0', '::1']
  expect(texts.map(address).toSorted(compareAddresses)).toEqual([
    '9.255.0.0',
    '10.0.0.9',
    '10.0.0.10',
    '::1',
    '::1',
    '2001:db8::9',
    '2001:db8::10',
  ])
})
