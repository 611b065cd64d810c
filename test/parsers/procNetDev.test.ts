import { expect, test } from 'vitest'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { procNetDev } from '../../analyzer/parsers/procNetDev.ts'
import { fixture } from '../support/fixture.ts'

test('reads every device', () => {
  const { value, unread } = parseText(procNetDev, fixture('dev/eight-devices.txt'))
  expect(unread).toEqual([])
  expect([...value.keys()]).toEqual(['lo', 'br0', 'v1', 'v0', 'd0p', 'd0', 'tap0', 'tun0'])
  expect(value.get('br0')).toMatchObject({
    received: { bytes: 640, packets: 9, errors: 0, dropped: 0 },
    sent: { bytes: 994, packets: 11, errors: 0, dropped: 0, carrier: 0 },
    line: { number: 4 },
  })
})

test('reads numbers that touch the colon, and each column', () => {
  const { value, unread } = parseText(
    procNetDev,
    'eth0:1:101 102 103 104 105 106 107 108 109 110 111 112 113 114 115 116',
  )
  expect(unread).toEqual([])
  expect(value.get('eth0:1')).toMatchObject({
    received: { bytes: 101, packets: 102, errors: 103, dropped: 104 },
    sent: { bytes: 109, packets: 110, errors: 111, dropped: 112, carrier: 115 },
  })
})

test('lists lines that are no device', () => {
  const { value, unread } = parseText(
    procNetDev,
    'eth0: 1 2 3\n: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n__proto__\n',
  )
  expect(value.size).toBe(0)
  expect(unread).toHaveLength(3)
})
