import { expect, test } from 'vitest'
import { bridgeLink } from '../../analyzer/parsers/bridgeLink.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { fixture } from '../support/fixture.ts'

test('reads a port with its options', () => {
  const { value, unread } = parseText(bridgeLink, fixture('bridge-link/one-port.txt'))
  expect(unread).toEqual([])
  expect(value).toMatchObject([
    { index: 4, device: 'v0', master: 'br0', state: 'forwarding', mtuBytes: 1500, hairpin: false },
  ])
  expect(value[0]?.options.get('learning')).toBe('on')
  expect(value[0]?.options.get('mcast_router')).toBe('1')
  expect(value[0]?.line.number).toBe(1)
  expect(value[0]?.optionsLine?.number).toBe(2)
})

test('reads the older iproute2, which names the state twice', () => {
  const text =
    '5: veth1 state UP @eth0: <BROADCAST,UP> mtu 1500 master cni0 state forwarding priority 32 cost 2 \n    hairpin on guard off'
  const { value, unread } = parseText(bridgeLink, text)
  expect(unread).toEqual([])
  expect(value).toMatchObject([{ device: 'veth1', master: 'cni0', state: 'forwarding', hairpin: true }])
})

test('lists lines that are no port', () => {
  const { value, unread } = parseText(
    bridgeLink,
    '    hairpin on\nx: y: <UP>\n4: v0: <UP> mtu 1500\n    <__proto__>',
  )
  expect(value).toHaveLength(1)
  expect(unread.map((line) => line.number)).toEqual([1, 2, 4])
})

test('an empty file has no ports', () => {
  expect(parseText(bridgeLink, '')).toEqual({ value: [], unread: [] })
})
