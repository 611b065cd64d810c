import { expect, test } from 'vitest'
import { isSharedMac, parseMac } from '../../analyzer/net/mac.ts'
import { mac } from '../support/known.ts'

test.each([
  ['02:00:00:00:00:01', '02:00:00:00:00:01'],
  ['0A:58:0A:F4:01:01', '0a:58:0a:f4:01:01'],
  ['0a-58-0a-f4-01-01', '0a:58:0a:f4:01:01'],
])('reads %s as %s', (text, canonical) => {
  expect(parseMac(text)).toBe(canonical)
})

test.each([
  '',
  '0.0.0.0',
  '02:00:00:00:00',
  '02:00:00:00:00:01:02',
  '2:0:0:0:0:1',
  '02:00-00:00:00:01',
  '020000000001',
  '<incomplete>',
])('%j is no hardware address', (text) => {
  expect(parseMac(text)).toBeUndefined()
})

test.each([
  ['00:00:00:00:00:00', true],
  ['ff:ff:ff:ff:ff:ff', true],
  ['ee:ee:ee:ee:ee:ee', true],
  ['00:00:5e:00:01:33', true],
  ['00:00:5e:00:02:33', true],
  ['33:33:ff:00:00:01', true],
  ['01:00:5e:00:00:fb', true],
  ['02:00:00:00:00:01', false],
  ['ee:ee:ee:ee:ee:00', false],
  ['00:00:5e:00:00:01', false],
])('%s shared: %s', (text, shared) => {
  expect(isSharedMac(mac(text))).toBe(shared)
})
