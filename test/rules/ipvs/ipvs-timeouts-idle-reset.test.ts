import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/ipvs/ipvs-timeouts-idle-reset.ts'
import { fixture } from '../../support/fixture.ts'
import { textNode } from '../../support/textCluster.ts'

const IPVS = {
  'net/ip-addr.txt':
    '9: kube-ipvs0: <BROADCAST,NOARP> mtu 1500 qdisc noop state DOWN group default \n    inet 10.96.0.1/32 scope global kube-ipvs0\n',
  'ipvs/ipvsadm.txt': fixture('ipvsadm/kube-proxy.txt'),
}

async function judged(timeouts: string, settings = '') {
  const files = { ...IPVS, 'ipvs/ipvsadm-timeouts.txt': timeouts, 'sysctl/values.txt': settings }
  return rule.check(await textNode(files), 'en')
}

test('the kernel’s default is taken where the setting is not known', async () => {
  const result = await judged('Timeout (tcp tcpfin udp): 900 120 300\n')
  expect(result).toMatchObject({ state: 'found', findings: [{ severity: 'info', confidence: 'possible' }] })
})

test('keepalives that begin earlier are enough', async () => {
  const settings = 'net.ipv4.tcp_keepalive_time = 600\n'
  expect(await judged('Timeout (tcp tcpfin udp): 900 120 300\n', settings)).toMatchObject({ state: 'clear' })
})

test('an empty answer is unchecked', async () => {
  expect(await judged('\n')).toMatchObject({ state: 'unchecked' })
})
