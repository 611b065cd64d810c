import { expect, test } from 'vitest'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { sysctlValues } from '../../analyzer/parsers/sysctlValues.ts'
import { fixture } from '../support/fixture.ts'

test('reads what sysctl prints', () => {
  const { value, unread } = parseText(sysctlValues, fixture('sysctl-values/flannel-node.txt'))
  expect(unread).toEqual([])
  expect(value.get('net.ipv4.ip_local_port_range')?.value).toBe('32768\t60999')
  expect(value.get('net.ipv4.ip_forward')?.value).toBe('1')
})

test('reads empty values, and paths in place of names', () => {
  const text =
    'net.ipv4.tcp_fastopen_key = \nnet/ipv4/conf/eth0.100/rp_filter = 2\nkernel.core_pattern = |/bin/x a=b\n'
  const { value, unread } = parseText(sysctlValues, text)
  expect(unread).toEqual([])
  expect([...value].map(([key, { value: read }]) => [key, read])).toEqual([
    ['net.ipv4.tcp_fastopen_key', ''],
    ['net.ipv4.conf.eth0/100.rp_filter', '2'],
    ['kernel.core_pattern', '|/bin/x a=b'],
  ])
})

test('passes over complaints, and lists what is no setting', () => {
  const text =
    "sysctl: permission denied on key 'fs.protected_fifos'\n__proto__ = 1\n= 1\nnet.ipv4.ip_forward: 1\n"
  const { value, unread } = parseText(sysctlValues, text)
  expect(value.size).toBe(0)
  expect(unread.map((line) => line.number)).toEqual([2, 3, 4])
})
