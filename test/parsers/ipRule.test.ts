import { expect, test } from 'vitest'
import { ipRule } from '../../analyzer/parsers/ipRule.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { fixture } from '../support/fixture.ts'

test('reads every selector and action', () => {
  const { value, unread } = parseText(ipRule, fixture('ip-rule/every-selector.txt'))
  expect(unread).toEqual([])
  const rules = new Map(value.map((rule) => [rule.priority, rule]))
  expect(rules.get(0)).toEqual({
    priority: 0,
    not: false,
    action: 'lookup',
    table: 'local',
    conditions: new Map(),
    line: { number: 1, text: '0:\tfrom all lookup local' },
  })
  expect(rules.get(90)).toMatchObject({
    not: true,
    mark: { value: 1, mask: 15 },
    table: 'main',
    suppressPrefixLength: 0,
  })
  expect(rules.get(99)).toMatchObject({ from: { address: '192.0.2.0', length: 24 }, table: '100' })
  expect(rules.get(89)).toMatchObject({
    to: { address: '198.51.100.0', length: 24 },
    iif: 'd0',
    oif: 'lo',
    action: 'prohibit',
  })
  expect(rules.get(88)).toMatchObject({ mark: { value: 8, mask: 0xffffffff }, table: '200' })
  expect([...(rules.get(88)?.conditions ?? [])]).toEqual([
    ['tos', '0x10'],
    ['uidrange', '0-0'],
    ['ipproto', 'tcp'],
    ['sport', '1-100'],
    ['dport', '53'],
  ])
  expect(rules.get(49)).toMatchObject({ iif: 'nosuch', action: 'blackhole' })
  expect(rules.get(48)).toMatchObject({ from: { address: '192.0.2.9', length: 32 }, action: 'unreachable' })
  expect(rules.get(43)).toMatchObject({ action: 'goto', target: 999 })
  expect(rules.get(46)).toMatchObject({ action: 'nop' })
  expect(rules.get(1000)).toMatchObject({ table: '[l3mdev-table]', protocol: 'static' })
})

test('reads the rules of BusyBox', () => {
  const { value, unread } = parseText(ipRule, fixture('ip-rule/busybox.txt'))
  expect(unread).toEqual([])
  expect(value).toHaveLength(17)
  const refusing = value.find((rule) => rule.priority === 48)
  expect(refusing).toMatchObject({ action: 'unreachable' })
  expect(refusing).not.toHaveProperty('table')
})

test('reads IPv6 rules', () => {
  const { value, unread } = parseText(ipRule, fixture('ip6-rule/two-rules.txt'))
  expect(unread).toEqual([])
  expect(value.map(({ priority, table }) => [priority, table])).toEqual([
    [0, 'local'],
    [32764, 'main'],
    [32765, '100'],
    [32766, 'main'],
  ])
  expect(value[1]).toMatchObject({ to: { address: '2001:db8::9', length: 128 }, mark: { value: 1 } })
})

test('lists lines that are no rule', () => {
  const text =
    'RTNETLINK answers: x\n1:\tfrom nowhere lookup main\n2:\tfrom all fwmark zz lookup main\n3:\tfrom all\n__proto__'
  const { value, unread } = parseText(ipRule, text)
  expect(value).toEqual([])
  expect(unread).toHaveLength(5)
})

test('an empty file has no rules', () => {
  expect(parseText(ipRule, '')).toEqual({ value: [], unread: [] })
})
