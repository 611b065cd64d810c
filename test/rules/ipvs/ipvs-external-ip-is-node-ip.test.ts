import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/ipvs/ipvs-external-ip-is-node-ip.ts'
import { checkRule, soundFiles } from '../../support/checkRule.ts'

const ADDR = 'net/ip-addr.txt'
/** An address that kube-proxy bound on node-1. */
const bound = (address: string) =>
  soundFiles('ipvs', {
    [ADDR]: (before) =>
      before.replace(
        /(: kube-ipvs0: [^]*?\n)( {4}inet )/,
        `$1    inet ${address}/32 scope global kube-ipvs0\n       valid_lft forever preferred_lft forever\n$2`,
      ),
    'ipvs/ipvsadm.txt': (before) =>
      `${before}TCP  ${address}:80 rr\n  -> 10.244.1.2:8080              Masq    1      0          0\n`,
  })

test('the address of a peer on kube-ipvs0 takes that peer off the network', async () => {
  expect(await checkRule(rule, bound('192.168.50.13'))).toMatchObject({
    state: 'found',
    findings: [
      {
        subject: '192.168.50.13',
        severity: 'critical',
        confidence: 'certain',
        nodes: ['node-1', 'node-3'],
        about: expect.arrayContaining(['address:192.168.50.13', 'path:192.168.50.11 192.168.50.13']),
      },
    ],
  })
})

test('that an API server runs on the peer is said', async () => {
  const labels = { 'node-role.kubernetes.io/control-plane': '' }
  const nodes = JSON.stringify({ items: [{ kind: 'Node', metadata: { name: 'node-3', labels } }] })
  const files = bound('192.168.50.13')
  const cluster = { ...files, 'node-1': { ...files['node-1'], 'kube/api/nodes.json': nodes } }
  expect(await checkRule(rule, cluster)).toMatchObject({
    findings: [{ summary: expect.stringContaining('An API server runs on node-3.') }],
  })
})

test('an address that no node has is a load balancer’s', async () => {
  expect(await checkRule(rule, bound('192.168.50.200'))).toMatchObject({ state: 'clear' })
})

test('alone, nobody knows whose an address of the node’s own network is', async () => {
  const { 'node-1': files = {} } = bound('192.168.50.200')
  const { 'kube/api/services.json': _, 'kube/api/endpointslices.json': __, ...alone } = files
  expect(await checkRule(rule, { 'node-1': alone })).toMatchObject({ state: 'unchecked' })
})

test('without IPVS it has no business', async () => {
  expect(['not-applicable', 'short']).toContain((await checkRule(rule, soundFiles('host-gw'))).state)
})
