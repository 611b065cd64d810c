import { expect, test } from 'vitest'
import { addressesIn, replaceAddress } from '../../analyzer/net/addressesIn.ts'

test.each([
  ['10.42.1.94', ['10.42.1.94']],
  ['http://10.42.1.94:8848/nacos', ['10.42.1.94']],
  ['tcp://10.42.1.94:8848,10.42.2.7;10.42.1.94', ['10.42.1.94', '10.42.2.7']],
  ['--peer=10.42.1.94.', ['10.42.1.94']],
  ['10.42.0.0/16', []],
  ['10.42.1.94/32,10.42.2.7', ['10.42.2.7']],
  ['release 1.10.42.1.94', []],
  ['v10.42.1.94', []],
  ['10.42.1.94-rc1', ['10.42.1.94']],
  ['10.42.1.094 10.42.1.256', []],
  ['94.1.42.10.in-addr.arpa', []],
  ['no address at all', []],
  ['', []],
])('%s', (text, addresses) => {
  expect(addressesIn(text)).toEqual(addresses)
})

test('only the address itself is replaced, not the one that begins like it', () => {
  expect(replaceAddress('10.42.1.9:1,10.42.1.94:1', '10.42.1.9', 'web.default.svc')).toBe(
    'web.default.svc:1,10.42.1.94:1',
  )
})

test('a long hostile text is read once', () => {
  expect(addressesIn('1.'.repeat(200_000))).toEqual([])
  expect(addressesIn('10.42.1.94'.repeat(50_000))).toEqual([])
})
