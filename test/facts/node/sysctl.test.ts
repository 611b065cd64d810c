import { expect, test } from 'vitest'
import { sysctl } from '../../../analyzer/facts/node/sysctl.ts'
import { textNode } from '../../support/textCluster.ts'

const VALUES = [
  'net.ipv4.conf.all.rp_filter = 1',
  'net.ipv4.conf.eth0.rp_filter = 2',
  'net.ipv4.conf.flannel/1.rp_filter = 0',
  'net.ipv4.conf.eth1.arp_ignore = 1',
  'net.ipv4.ip_local_port_range = 32768\t60999',
  'net.bridge.bridge-nf-call-iptables = 1',
  '',
].join('\n')

async function settings() {
  const answer = sysctl.of(await textNode({ 'sysctl/values.txt': VALUES }))
  if (!answer.available) throw new Error('no settings')
  return answer.value
}

test('the larger of all and the interface takes effect (linux/inetdevice.h, IN_DEV_MAXCONF)', async () => {
  const { effective } = await settings()
  expect(effective('rp_filter', 'eth0')?.value).toBe(2)
  expect(effective('rp_filter', 'flannel.1')?.value).toBe(1)
  expect(effective('rp_filter', 'flannel.1')?.origin.line).toBe(1)
})

test('one of the two is enough, none is not', async () => {
  const { effective } = await settings()
  expect(effective('rp_filter', 'eth7')?.value).toBe(1)
  expect(effective('arp_ignore', 'eth1')?.value).toBe(1)
  expect(effective('arp_ignore', 'eth0')).toBeUndefined()
})

test('what is no single number is none', async () => {
  const { number } = await settings()
  expect(number('net.ipv4.ip_local_port_range')).toBeUndefined()
  expect(number('net.bridge.bridge-nf-call-iptables')?.value).toBe(1)
})
