import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/cni/calico-wrong-autodetected-ip.ts'
import { textNode } from '../../support/textCluster.ts'

const nodes = (address: string) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: 'node-1', annotations: { 'projectcalico.org/IPv4Address': address } },
        status: { addresses: [{ type: 'InternalIP', address: '192.0.2.11' }] },
      },
    ],
  })
const links = `2: eth0: <BROADCAST,UP,LOWER_UP> mtu 1500 state UP
    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff
    inet 192.0.2.11/24 scope global eth0
3: docker0: <BROADCAST,UP> mtu 1500 state DOWN
    link/ether 02:42:00:00:00:01 brd ff:ff:ff:ff:ff:ff
    inet 172.17.0.1/16 scope global docker0
`

test.each([
  ['172.17.0.1/16', 'Calico announces 172.17.0.1 of docker0 for node-1'],
  ['192.0.2.99/24', 'Calico announces 192.0.2.99 for node-1, which no interface of it has'],
  ['192.0.2.11/24', 'clear'],
])('%s', async (address, said) => {
  const node = await textNode({ 'kube/api/nodes.json': nodes(address), 'net/ip-addr.txt': links })
  const result = rule.check(node, 'en')
  expect(result.state === 'found' ? result.findings[0]?.title : result.state).toBe(said)
})
