import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/cni/calico-ipip-tunnel-route-missing.ts'
import { textCluster } from '../../support/textCluster.ts'

const node = (routes: string) => ({
  'net/ip-addr.txt':
    '2: eth0: <BROADCAST,UP,LOWER_UP> mtu 1500 state UP\n    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n',
  'net/ip-route.txt': routes,
})

test('nodes of which nothing tells that they are of one cluster are not compared', async () => {
  const cluster = await textCluster({
    'node-1': node('blackhole 10.245.1.128/26 proto bird \n'),
    'node-2': node('blackhole 10.245.2.128/26 proto bird \n'),
  })
  const [first] = cluster.nodes
  expect(first && rule.check(first, 'en').state).toBe('unchecked')
})

test('a node alone, and one without Calico', async () => {
  const cluster = await textCluster({ 'node-1': node('blackhole 10.245.1.128/26 proto bird \n') })
  const [first] = cluster.nodes
  expect(first && rule.check(first, 'en').state).toBe('not-applicable')
  const other = await textCluster({ 'node-1': node('default via 10.0.0.1 dev eth0 \n') })
  expect(other.nodes[0] && rule.check(other.nodes[0], 'en').state).toBe('not-applicable')
})
