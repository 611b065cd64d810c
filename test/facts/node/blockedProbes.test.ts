import { expect, test } from 'vitest'
import { blockedProbes } from '../../../analyzer/facts/node/blockedProbes.ts'
import { textCluster } from '../../support/textCluster.ts'

const NODES = 'kube/api/nodes.json'

/** What the API server knows of two nodes: their addresses and the networks that it gave them. */
const apiNodes = JSON.stringify({
  kind: 'NodeList',
  items: [1, 2].map((node) => ({
    metadata: { name: `node-${node}` },
    spec: { podCIDR: `10.244.${node}.0/24`, podCIDRs: [`10.244.${node}.0/24`] },
    status: { addresses: [{ type: 'InternalIP', address: `192.0.2.1${node}` }] },
  })),
})

const ETH0 =
  '2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500\n    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n    inet 192.0.2.11/24 scope global eth0\n'

const DEFAULT_ROUTE = 'default via 192.0.2.1 dev eth0\n192.0.2.0/24 dev eth0 proto kernel scope link\n'

/** A device of Ethernet, up. */
function link(name: string, rest = ''): string {
  return `9: ${name}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 ${rest}\n    link/ether 02:00:00:00:00:09 brd ff:ff:ff:ff:ff:ff\n`
}

/** FORWARD of a node where Docker set the policy. */
function forward(chains: readonly string[], rules: readonly string[]): string {
  const names = ['DOCKER', 'DOCKER-USER', ...chains].map((name) => `:${name} - [0:0]`)
  return ['*filter', ':INPUT ACCEPT [0:0]', ':FORWARD DROP [4:240]', ...names, ...rules, 'COMMIT', ''].join(
    '\n',
  )
}

async function blocked(devices: string, routes: string, rules: string): Promise<readonly string[]> {
  const files = {
    'node-1': {
      'net/ip-addr.txt': ETH0 + devices,
      'net/ip-route.txt': DEFAULT_ROUTE + routes,
      'netfilter/iptables-save.txt': rules,
      [NODES]: apiNodes,
    },
    'node-2': { 'net/ip-addr.txt': ETH0.replace('192.0.2.11', '192.0.2.12') },
  }
  const [node] = (await textCluster(files)).nodes
  const answer = node && blockedProbes.of(node)
  if (answer?.available !== true) throw new Error('unavailable')
  return answer.value.map(({ chain, rule }) => `${chain} ${rule?.text ?? 'policy'}`)
}

const CILIUM = [
  '-A FORWARD -j CILIUM_FORWARD',
  '-A FORWARD -o docker0 -j DOCKER',
  '-A CILIUM_FORWARD -o cilium_host -j ACCEPT',
  '-A CILIUM_FORWARD -i cilium_host -j ACCEPT',
  '-A CILIUM_FORWARD -i lxc+ -j ACCEPT',
]
const LXC = link('cilium_host@cilium_net') + link('lxc_health@if6') + link('lxc1a2b3c4d5e6f@if8')

test('Cilium without a tunnel routes what comes for its pods to cilium_host, which it accepts', async () => {
  const routes =
    '10.244.1.0/24 via 10.244.1.1 dev cilium_host proto kernel src 10.244.1.1\n10.244.2.0/24 via 192.0.2.12 dev eth0 proto kernel\n'
  expect(await blocked(LXC, routes, forward(['CILIUM_FORWARD'], CILIUM))).toEqual([])
})

test('where the pod network has no route to it, the policy stops what comes for the pods', async () => {
  expect(await blocked(LXC, '', forward(['CILIUM_FORWARD'], CILIUM))).toEqual(['FORWARD policy'])
})

test('a container on docker0 does not stand for the pods of Calico', async () => {
  const devices = link('veth1a2b3c4@if5', 'master docker0') + link('docker0') + link('cali12345678901@if3')
  const rules = forward(
    ['cali-FORWARD'],
    [
      '-A FORWARD -j cali-FORWARD',
      '-A FORWARD -m mark --mark 0x10000/0x10000 -j ACCEPT',
      '-A cali-FORWARD -i cali+ -j MARK --set-xmark 0x10000/0x10000',
      '-A cali-FORWARD -o cali+ -j MARK --set-xmark 0x10000/0x10000',
    ],
  )
  expect(await blocked(devices, '', rules)).toEqual([])
})

test('pods of Weave come by its bridge, whatever networks the API server gave out', async () => {
  const devices = link('weave') + link('vethwepl1a2b3c4@if11', 'master weave')
  const rules = forward(
    ['WEAVE-NPC'],
    [
      '-A FORWARD -o weave -j WEAVE-NPC',
      '-A FORWARD -o weave -j DROP',
      '-A FORWARD -i weave ! -o weave -j ACCEPT',
    ],
  )
  expect(await blocked(devices, '', rules)).toEqual([])
})
