import { expect, test } from 'vitest'
import { hostLocalRange } from '../../../analyzer/facts/node/hostLocalRange.ts'
import { address, prefix } from '../../support/known.ts'

test('a /24 has 253: neither network, nor broadcast, nor the gateway', () => {
  const range = hostLocalRange({ subnet: prefix('10.42.1.0/24') })
  expect(range?.capacity).toBe(253)
  expect(range?.gateway).toBe('10.42.1.1')
  expect(['10.42.1.0', '10.42.1.1', '10.42.1.255'].map((text) => range?.contains(address(text)))).toEqual([
    false,
    false,
    false,
  ])
  expect(['10.42.1.2', '10.42.1.254'].map((text) => range?.contains(address(text)))).toEqual([true, true])
})

test('a /28 gave thirteen addresses to thirteen pods, and the fourteenth failed', () => {
  // Seen with the plugins 1.1.1 on 10.244.9.0/28: 10.244.9.2 to 10.244.9.14.
  expect(hostLocalRange({ subnet: prefix('10.244.9.0/28') })?.capacity).toBe(13)
})

test('a range inside the subnet, whose gateway lies outside of it', () => {
  const range = hostLocalRange({
    subnet: prefix('10.10.0.0/16'),
    first: address('10.10.1.20'),
    last: address('10.10.1.29'),
    gateway: address('10.10.0.254'),
  })
  expect(range?.capacity).toBe(10)
  expect(range?.contains(address('10.10.1.30'))).toBe(false)
})

test('a gateway inside the range is left out of it', () => {
  const subnet = prefix('10.10.0.0/29')
  const range = hostLocalRange({ subnet, gateway: address('10.10.0.6') })
  expect(range?.capacity).toBe(5)
  expect(range?.contains(address('10.10.0.1'))).toBe(true)
  expect(range?.contains(address('10.10.0.6'))).toBe(false)
})

test('IPv6 has no broadcast address', () => {
  const range = hostLocalRange({ subnet: prefix('fd00:42::/120') })
  expect(range?.capacity).toBe(254)
  expect(range?.contains(address('fd00:42::ff'))).toBe(true)
  expect(range?.contains(address('10.0.0.2'))).toBe(false)
})

test('host-local refuses subnets of one or two addresses, and a range that ends before it begins', () => {
  expect(hostLocalRange({ subnet: prefix('10.0.0.0/31') })).toBeUndefined()
  expect(hostLocalRange({ subnet: prefix('10.0.0.0/32') })).toBeUndefined()
  const turned = { first: address('10.0.0.9'), last: address('10.0.0.3') }
  expect(hostLocalRange({ subnet: prefix('10.0.0.0/28'), ...turned })).toBeUndefined()
})
