import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/ipvs/ipvs-conn-reuse-delay.ts'
import { fixture } from '../../support/fixture.ts'
import { textNode } from '../../support/textCluster.ts'

const IPVS = {
  'net/ip-addr.txt':
    '9: kube-ipvs0: <BROADCAST,NOARP> mtu 1500 qdisc noop state DOWN group default \n    inet 10.96.0.1/32 scope global kube-ipvs0\n',
  'ipvs/ipvsadm.txt': fixture('ipvsadm/kube-proxy.txt').replace(
    /(10\.244\.3\.3:9000 +Masq +)1 +\d+ +\d+/,
    '$10      0          40',
  ),
}

async function judged(release: string, settings: string) {
  const files = {
    ...IPVS,
    'meta/uname.txt': `Linux node-1 ${release} #1 SMP x86_64 GNU/Linux\n`,
    'sysctl/values.txt': settings,
  }
  return rule.check(await textNode(files), 'en')
}

const REUSE = 'net.ipv4.vs.conn_reuse_mode = 0\n'

test.each([
  ['5.8.18', 'found'],
  ['5.9.0', 'clear'],
  ['4.18.0-553.el8_10.x86_64', 'found'],
  ['6.1.0-28-amd64', 'clear'],
])('a reused port on Linux %s: %s', async (release, state) => {
  expect(await judged(release, REUSE)).toMatchObject({ state })
})

test('a setting that the kernel does not have is none', async () => {
  expect(await judged('6.1.0', '')).toMatchObject({ state: 'clear' })
  expect(await judged('6.1.0', 'net.ipv4.vs.conntrack = 0\n')).toMatchObject({
    state: 'found',
    findings: [{ confidence: 'likely', about: ['sysctl:net.ipv4.vs.conntrack'] }],
  })
})
