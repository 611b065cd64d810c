import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/cni/cni-cidr-overlap-host.ts'
import { textNode } from '../../support/textCluster.ts'

const device = (name: string, address: string) =>
  `2: ${name}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP group default\n    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n    inet ${address} scope global ${name}\n`

async function subjects(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const result = rule.check(await textNode(files), 'en')
  return result.state === 'found' ? result.findings.map(({ subject }) => subject) : [result.state]
}

const flannel = 'FLANNEL_NETWORK=192.168.0.0/16\nFLANNEL_SUBNET=192.168.77.1/24\n'

test('the default network of a plugin at a site that uses it itself', async () => {
  const files = {
    'cni/flannel-subnet.env': flannel,
    'net/ip-addr.txt': device('eth0', '192.168.1.11/24') + device('cni0', '192.168.77.1/24'),
    'net/ip-route.txt': 'default via 192.168.1.1 dev eth0 \n',
  }
  expect(await subjects(files)).toEqual([
    'address 192.168.1.11',
    'gateway 192.168.1.1',
    'eth0 192.168.1.0/24',
  ])
})

test('a container has an address of the pods’ network by design', async () => {
  const files = {
    'cni/flannel-subnet.env': flannel,
    'net/ip-addr.txt': device('eth0', '192.168.77.5/24'),
    'net/ip-route.txt': 'default via 192.168.77.1 dev eth0 \n',
  }
  expect(await subjects(files)).toEqual(['clear'])
})

test('a network that is wider than the pods’ takes nothing from them', async () => {
  const files = {
    'cni/flannel-subnet.env': 'FLANNEL_NETWORK=10.42.0.0/16\nFLANNEL_SUBNET=10.42.1.1/24\n',
    'net/ip-addr.txt': device('eth0', '10.9.8.7/8'),
    'net/ip-route.txt': 'default via 10.0.0.1 dev eth0 \n',
  }
  expect(await subjects(files)).toEqual(['clear'])
})

test('without a network of pods there is nothing to compare', async () => {
  const files = { 'net/ip-addr.txt': device('eth0', '192.168.1.11/24'), 'net/ip-route.txt': '' }
  expect(await subjects(files)).toEqual(['not-applicable'])
})
