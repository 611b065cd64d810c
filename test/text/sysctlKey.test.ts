import { expect, test } from 'vitest'
import { sysctlKey } from '../../analyzer/text/sysctlKey.ts'

test.each([
  // The examples of sysctl.d(5)
  ['net.ipv4.conf.enp3s0/200.forwarding', 'net.ipv4.conf.enp3s0/200.forwarding'],
  ['net/ipv4/conf/enp3s0.200/forwarding', 'net.ipv4.conf.enp3s0/200.forwarding'],
  ['vm.swappiness', 'vm.swappiness'],
  ['vm/swappiness', 'vm.swappiness'],
  ['', ''],
])('%s is %s', (text, key) => {
  expect(sysctlKey(text)).toBe(key)
})
