import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/ipvs/ipvs-server-weight-zero.ts'
import { text } from '../../../analyzer/rules/ipvs/ipvs-server-weight-zero.text.ts'
import { fixture } from '../../support/fixture.ts'
import { textNode } from '../../support/textCluster.ts'

const DUMMY = [
  '9: kube-ipvs0: <BROADCAST,NOARP> mtu 1500 qdisc noop state DOWN group default ',
  '    link/ether 4a:f3:f8:f2:a6:aa brd ff:ff:ff:ff:ff:ff',
  '    inet 10.96.0.1/32 scope global kube-ipvs0',
  '       valid_lft forever preferred_lft forever',
].join('\n')
const TABLE = fixture('ipvsadm/kube-proxy.txt')

async function judged(table: string) {
  return rule.check(await textNode({ 'net/ip-addr.txt': DUMMY, 'ipvs/ipvsadm.txt': table }), 'en')
}

test('weight 1 everywhere is clear, and another mode is not its business', async () => {
  expect(await judged(TABLE)).toMatchObject({ state: 'clear' })
  const iptables = { 'netfilter/iptables-save.txt': fixture('iptables-save/kube-proxy.txt') }
  expect(rule.check(await textNode(iptables), 'en')).toMatchObject({ state: 'not-applicable' })
})

test('without a witness, all servers of weight 0 are possible; one of several is a rollout', async () => {
  const all = TABLE.replaceAll(/(10\.244\.3\.3:9000 +Masq +)1/g, '$10')
  expect(await judged(all)).toMatchObject({ state: 'found', findings: [{ confidence: 'possible' }] })
  expect(await judged(TABLE.replaceAll(/(10\.244\.2\.2:8080 +Masq +)1/g, '$10'))).toMatchObject({
    state: 'clear',
  })
})

test('removes a UDP server with the flag of UDP', () => {
  const service = {
    address: '10.96.0.10:53/udp',
    role: 'dns',
    servers: ['10.244.1.2:53'],
    of: 1,
    isAll: true,
  } as const
  const steps = text.en.remedy({ node: 'node-1', services: [service], proofs: [] })
  expect(steps[1]?.commands).toEqual(['ipvsadm -d -u 10.96.0.10:53 -r 10.244.1.2:53'])
})
