import { expect, test } from 'vitest'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { sysctlConf } from '../../analyzer/parsers/sysctlConf.ts'

test('reads assignments in order', () => {
  const text = [
    '# Kubernetes',
    '; another comment',
    'net.bridge.bridge-nf-call-iptables = 1',
    '  net/ipv4/conf/flannel.1/rp_filter=0',
    '-net.ipv4.tcp_tw_recycle = 0',
    'net.ipv4.conf.*.rp_filter = 1',
    '-net.ipv4.conf.eth0.rp_filter',
    'kernel.core_pattern=|/bin/x a=b',
    'net.ipv4.ip_forward =',
  ].join('\n')
  const { value, unread } = parseText(sysctlConf, text)
  expect(unread).toEqual([])
  expect(value.map(({ key, value: read, ignoreErrors }) => [key, read, ignoreErrors])).toEqual([
    ['net.bridge.bridge-nf-call-iptables', '1', false],
    ['net.ipv4.conf.flannel/1.rp_filter', '0', false],
    ['net.ipv4.tcp_tw_recycle', '0', true],
    ['net.ipv4.conf.*.rp_filter', '1', false],
    ['net.ipv4.conf.eth0.rp_filter', undefined, true],
    ['kernel.core_pattern', '|/bin/x a=b', false],
    ['net.ipv4.ip_forward', '', false],
  ])
  expect(value[1]?.line).toEqual({ number: 4, text: '  net/ipv4/conf/flannel.1/rp_filter=0' })
})

test('lists lines that are no assignment', () => {
  const { value, unread } = parseText(sysctlConf, 'net.ipv4.ip_forward 1\n= 1\n-\na b = 1\n__proto__ = 1')
  expect(value.map(({ key }) => key)).toEqual(['__proto__'])
  expect(unread.map((line) => line.number)).toEqual([1, 2, 3, 4])
})
