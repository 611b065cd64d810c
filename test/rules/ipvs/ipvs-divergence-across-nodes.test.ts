import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/ipvs/ipvs-divergence-across-nodes.ts'
import { text } from '../../../analyzer/rules/ipvs/ipvs-divergence-across-nodes.text.ts'
import { fixture } from '../../support/fixture.ts'
import { textCluster } from '../../support/textCluster.ts'

const HELD = [
  '10.96.0.1',
  '10.96.10.10',
  '10.96.10.11',
  '10.96.10.12',
  '10.96.10.13',
  '10.96.10.14',
  '192.168.50.100',
]
const TABLE = fixture('ipvsadm/kube-proxy.txt')
const SETS = fixture('ipset-save/kube-proxy-ipvs.txt')

function dummy(addresses: readonly string[]): string {
  return [
    '9: kube-ipvs0: <BROADCAST,NOARP> mtu 1500 qdisc noop state DOWN group default ',
    '    link/ether 4a:f3:f8:f2:a6:aa brd ff:ff:ff:ff:ff:ff',
    ...addresses.flatMap((address) => [
      `    inet ${address}/32 scope global kube-ipvs0`,
      '       valid_lft forever preferred_lft forever',
    ]),
  ].join('\n')
}

async function judged(...held: readonly (readonly string[])[]) {
  const nodes = held.map((addresses, index) => [
    `node-${index + 1}`,
    {
      'net/ip-addr.txt': dummy(addresses),
      'ipvs/ipvsadm.txt': TABLE,
      'ipvs/proc-ip-vs.txt': fixture('proc-ip-vs/kube-proxy.txt'),
      'netfilter/ipset-save.txt': SETS,
      'meta/node.txt': 'started_utc=1795219245\n',
    },
  ])
  return (await textCluster(Object.fromEntries(nodes))).nodes.map((node) => rule.check(node, 'en'))
}

test('one node has nobody to differ from; two that agree are clear', async () => {
  expect(await judged(HELD)).toMatchObject([{ state: 'not-applicable' }])
  expect(await judged(HELD, HELD)).toMatchObject([{ state: 'clear' }, { state: 'clear' }])
})

test('an address too many, and a cluster address too few, are told of a single node', async () => {
  const [result] = await judged([...HELD.filter((address) => address !== '10.96.10.12'), '10.96.10.99'])
  expect(result).toMatchObject({ state: 'found', findings: [{ subject: 'orphans' }, { subject: 'unheld' }] })
})

test('removes an IPv6 address with its prefix length', () => {
  const steps = text.en.remedy({ kind: 'orphans', node: 'node-1', addresses: ['fd00::9'] })
  expect(steps[1]?.commands).toEqual(['ip addr del fd00::9/128 dev kube-ipvs0'])
})
