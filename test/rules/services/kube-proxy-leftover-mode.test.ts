import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/services/kube-proxy-leftover-mode.ts'
import { text } from '../../../analyzer/rules/services/kube-proxy-leftover-mode.text.ts'
import { fixture } from '../../support/fixture.ts'
import { textNode } from '../../support/textCluster.ts'

const LO = [
  '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000',
  '    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00',
  '    inet 127.0.0.1/8 scope host lo',
].join('\n')
const IPVS = {
  'net/ip-addr.txt': `${LO}\n9: kube-ipvs0: <BROADCAST,NOARP> mtu 1500 qdisc noop state DOWN group default \n    inet 10.96.0.1/32 scope global kube-ipvs0\n`,
  'ipvs/ipvsadm.txt': fixture('ipvsadm/kube-proxy.txt'),
  'netfilter/ipset-save.txt': fixture('ipset-save/kube-proxy-ipvs.txt'),
  'netfilter/iptables-save.txt': fixture('iptables-save/kube-proxy-ipvs.txt'),
}

test('what IPVS has of iptables is its own', async () => {
  expect(rule.check(await textNode(IPVS), 'en')).toMatchObject({ state: 'clear' })
})

test('without the interfaces nothing is said of iptables mode', async () => {
  const files = { 'netfilter/iptables-save.txt': fixture('iptables-save/kube-proxy.txt') }
  expect(rule.check(await textNode(files), 'en')).toMatchObject({ state: 'short' })
  expect(rule.check(await textNode({ ...files, 'net/ip-addr.txt': LO }), 'en')).toMatchObject({
    state: 'clear',
  })
})

test('one chain is one chain', () => {
  const data = { node: 'node-1', mode: 'ipvs', kind: 'chains', count: 1, addresses: [] } as const
  expect(text.en.summary(data)).toContain('1 chain of Services of its iptables mode is left')
  expect(text.zh?.summary(data)).toContain('1 条 Service 链')
})
