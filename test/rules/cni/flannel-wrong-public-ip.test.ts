import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/cni/flannel-wrong-public-ip.ts'
import { checkRule, soundFiles } from '../../support/checkRule.ts'
import { type FlannelEdit, tellOfFlannel } from '../../support/flannelNodes.ts'

type Annotations = Readonly<Record<string, string>>

/** The API server’s list of node-1 and node-2, with what flannel notes of each. */
function listed(first: Annotations, second: Annotations = { 'public-ip': '192.168.50.12' }): string {
  const items = [first, second].map((own, index) => ({
    kind: 'Node',
    metadata: {
      name: `node-${index + 1}`,
      annotations: Object.fromEntries(
        Object.entries({ 'kube-subnet-manager': 'true', 'backend-type': 'vxlan', ...own }).map(
          ([key, value]) => [`flannel.alpha.coreos.com/${key}`, value],
        ),
      ),
    },
  }))
  return JSON.stringify({ kind: 'List', items })
}

async function told(list?: string, edits: readonly FlannelEdit[] = [], meta: readonly string[] = []) {
  const [first = '', second = ''] = meta
  const result = await tellOfFlannel(rule, edits, {
    'node-1': { 'meta/node.txt': first },
    'node-2': { 'meta/node.txt': second, ...(list !== undefined && { 'kube/api/nodes.json': list }) },
  })
  if (result?.state !== 'found') return result?.state
  return result.findings.map(({ subject, severity, confidence }) => [subject, severity, confidence])
}

test('an address of another network that no interface has may be translated on the way', async () => {
  expect(await told(listed({ 'public-ip': '10.99.7.2' }))).toEqual([['10.99.7.2', 'high', 'possible']])
})

test('an address in the node’s own network is not translated', async () => {
  expect(await told(listed({ 'public-ip': '192.168.50.77' }))).toEqual([
    ['192.168.50.77', 'critical', 'certain'],
  ])
})

test('the API server was asked an hour before the node was captured', async () => {
  const times = ['started_utc=1795219245\n', 'started_utc=1795215645\n']
  expect(await told(listed({ 'public-ip': '192.168.50.77' }), [], times)).toEqual([
    ['192.168.50.77', 'high', 'possible'],
  ])
})

test('a bundle from inside of a container does not show the node’s addresses', async () => {
  const inside: FlannelEdit[] = [
    ['node-1/net/ip-addr.txt', 'cni0', 'eth1'],
    ['node-1/net/ip-addr.txt', 'flannel.1', 'eth2'],
    ['node-1/net/ip-addr.txt', 'vxlan id 1', 'gre id 1'],
  ]
  expect(await told(listed({ 'public-ip': '192.168.50.77' }), inside)).toBe('clear')
})

test('a second card: whether its network is reached decides how sure it is', async () => {
  const list = listed({ 'public-ip': '10.20.0.11' })
  const office: FlannelEdit[] = [
    [
      'node-1/net/ip-addr.txt',
      '3: cni0',
      [
        '7: eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP group default',
        '    link/ether 02:00:00:00:01:01 brd ff:ff:ff:ff:ff:ff',
        '    inet 10.20.0.11/24 scope global eth1',
        '3: cni0',
      ].join('\n'),
    ],
    ['node-1/net/ip-addr.txt', 'local 192.168.50.11 dev eth0', 'local 10.20.0.11 dev eth1'],
  ]
  const noDefault: FlannelEdit = ['node-2/net/ip-route.txt', 'default via 192.168.50.200 dev eth0\n', '']
  expect(await told(list, office)).toEqual([['10.20.0.11', 'high', 'possible']])
  expect(await told(list, [...office, noDefault])).toEqual([['10.20.0.11', 'critical', 'likely']])
})

test('two nodes behind one router, which somebody chose, may work with WireGuard', async () => {
  const chosen = {
    'backend-type': 'wireguard',
    'public-ip': '203.0.113.9',
    'public-ip-overwrite': '203.0.113.9',
  }
  expect(await told(listed(chosen, chosen))).toEqual([['203.0.113.9', 'high', 'possible']])
  const vxlan = { ...chosen, 'backend-type': 'vxlan' }
  expect(await told(listed(vxlan, vxlan))).toEqual([['203.0.113.9', 'critical', 'certain']])
})

test('a cloud that routes by itself has no use for the address', async () => {
  expect(await told(listed({ 'backend-type': 'alloc', 'public-ip': '192.168.50.77' }))).toBe('clear')
})

test('a node alone does not tell what was announced for it', async () => {
  const { 'node-1': files = {} } = soundFiles('flannel-vxlan')
  expect((await checkRule(rule, { 'node-1': files })).state).toBe('unchecked')
})

test('an address that is cut off from the listing is not missing', async () => {
  const { 'node-1': files = {} } = soundFiles('flannel-vxlan', {
    'net/ip-addr.txt': (before) => before.replaceAll('192.168.50.11', '192.168.50.99'),
  })
  const result = await checkRule(rule, { 'node-1': files }, { 'net/ip-addr.txt': 'truncated' })
  expect(result.state).toBe('unchecked')
})
