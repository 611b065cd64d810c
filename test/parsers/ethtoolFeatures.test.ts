import { expect, test } from 'vitest'
import { ethtoolFeatures } from '../../analyzer/parsers/ethtoolFeatures.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { fixture } from '../support/fixture.ts'

test('reads every feature', () => {
  const { value, unread } = parseText(ethtoolFeatures, fixture('ethtool/veth.txt'))
  expect(unread).toEqual([])
  expect(value.size).toBe(63)
  expect(value.get('tx-checksumming')).toEqual({
    on: true,
    fixed: false,
    line: { number: 3, text: 'tx-checksumming: on' },
  })
  expect(value.get('tx-checksum-ipv4')).toMatchObject({ on: false, fixed: true })
  expect(value.get('tx-checksum-ip-generic')).toMatchObject({ on: true, fixed: false, line: { number: 5 } })
})

test('reads a feature that the kernel did not grant', () => {
  const { value, unread } = parseText(
    ethtoolFeatures,
    'tx-checksumming: off [requested on]\ntso: on [not requested]',
  )
  expect(unread).toEqual([])
  expect(value.get('tx-checksumming')).toMatchObject({ on: false, fixed: false })
  expect(value.get('tso')).toMatchObject({ on: true, fixed: false })
})

test('lists lines that are no feature', () => {
  const { value, unread } = parseText(
    ethtoolFeatures,
    'Cannot get device feature names: No such device\n__proto__: on\nrx: maybe',
  )
  expect([...value.keys()]).toEqual(['__proto__'])
  expect(unread.map((line) => line.number)).toEqual([1, 3])
})
