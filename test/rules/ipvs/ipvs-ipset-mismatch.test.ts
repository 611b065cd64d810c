import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/ipvs/ipvs-ipset-mismatch.ts'
import { text } from '../../../analyzer/rules/ipvs/ipvs-ipset-mismatch.text.ts'
import { fixture } from '../../support/fixture.ts'
import { textCluster } from '../../support/textCluster.ts'

const HELD = ['10.96.0.1', '10.96.10.12', '192.168.50.100']
const SETS = fixture('ipset-save/kube-proxy-ipvs.txt')
const ADDRESSES = [
  '9: kube-ipvs0: <BROADCAST,NOARP> mtu 1500 qdisc noop state DOWN group default ',
  ...HELD.flatMap((address) => [
    `    inet ${address}/32 scope global kube-ipvs0`,
    '       valid_lft forever preferred_lft forever',
  ]),
].join('\n')

async function judged(sets: string, status = 'ok') {
  const files = {
    'net/ip-addr.txt': ADDRESSES,
    'ipvs/ipvsadm.txt': fixture('ipvsadm/kube-proxy.txt'),
    'netfilter/ipset-save.txt': sets,
  }
  const cluster = await textCluster({ 'node-1': files }, { 'netfilter/ipset-save.txt': status })
  return cluster.nodes.map((node) => rule.check(node, 'en'))
}

test('sets that hold what is served are clear; an address in none of them is told', async () => {
  expect(await judged(SETS)).toMatchObject([{ state: 'clear' }])
  const [result] = await judged(SETS.replace('add KUBE-CLUSTER-IP 10.96.10.12,tcp:80\n', ''))
  expect(result).toMatchObject({ state: 'found', findings: [{ subject: 'missing', confidence: 'likely' }] })
})

test('of a list that was cut off nothing is said', async () => {
  expect(await judged(SETS, 'truncated')).toMatchObject([{ state: 'unchecked' }])
})

test('counts the members of a full set', () => {
  const full = { kind: 'full', node: 'node-1', set: 'KUBE-CLUSTER-IP', maximum: 65_536 } as const
  expect(text.en.summary(full)).toContain('holds 65,536 members')
  expect(text.zh?.title(full)).toContain('KUBE-CLUSTER-IP 已满')
})
