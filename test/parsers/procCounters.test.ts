import { expect, test } from 'vitest'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { procCounters } from '../../analyzer/parsers/procCounters.ts'
import { fixture } from '../support/fixture.ts'

test('reads /proc/net/snmp', () => {
  const { value, unread } = parseText(procCounters, fixture('snmp/quiet.txt'))
  expect(unread).toEqual([])
  expect([...value.keys()]).toEqual(['Ip', 'Icmp', 'IcmpMsg', 'Tcp', 'Udp', 'UdpLite'])
  expect(value.get('Ip')?.get('Forwarding')).toMatchObject({ value: 1, line: { number: 2 } })
  expect(value.get('Ip')?.get('ForwDatagrams')?.value).toBe(6)
  expect(value.get('Tcp')?.get('MaxConn')?.value).toBe(-1)
  expect(value.get('IcmpMsg')?.get('OutType3')?.value).toBe(2)
})

test('reads /proc/net/netstat', () => {
  const { value, unread } = parseText(procCounters, fixture('netstat/quiet.txt'))
  expect(unread).toEqual([])
  expect([...value.keys()]).toEqual(['TcpExt', 'IpExt', 'MPTcpExt'])
  expect(value.get('TcpExt')?.get('ListenOverflows')?.value).toBe(0)
})

test('lists numbers that do not fit their names', () => {
  const text =
    'Tcp: A B\nTcp: 1\nUdp: A\nIp: A\nIp: x\n__proto__: A\nA 1\nOk: constructor\nOk: 18446744073709551615\n'
  const { value, unread } = parseText(procCounters, text)
  expect([...value.keys()]).toEqual(['Ok'])
  expect(value.get('Ok')?.get('constructor')?.value).toBe(2 ** 64)
  expect(unread.map((line) => line.number)).toEqual([2, 5, 6, 7])
})
