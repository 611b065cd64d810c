import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/routing/multi-nic-asymmetric.ts'
import { checkRule } from '../../support/checkRule.ts'

const card = (index: number, name: string, address: string, rest = '') =>
  [
    `${index}: ${name}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq ${rest}state UP group default qlen 1000`,
    `    link/ether 02:00:00:00:00:0${index} brd ff:ff:ff:ff:ff:ff`,
    `    inet ${address} scope global ${name}`,
  ].join('\n')

/** One authority: the nodes are of one cluster. */
const KUBECONFIGS = 'path\tserver\tca_sha256\tuser_kind\n/etc/k\thttps://192.0.2.5:6443\tab12\tcert\n'
const CONFIG = 'kube/config/etc/rancher/k3s/config.yaml'

const ROUTES = [
  'default via 198.51.100.1 dev eth1',
  '192.0.2.0/24 dev eth0 proto kernel scope link src 192.0.2.5',
  '198.51.100.0/24 dev eth1 proto kernel scope link src 198.51.100.5',
]
const NODE = {
  'net/ip-addr.txt': `${card(2, 'eth0', '192.0.2.5/24')}\n${card(3, 'eth1', '198.51.100.5/24')}\n`,
  'net/ip-route.txt': `${ROUTES.join('\n')}\n`,
  'kube/kubeconfigs.tsv': KUBECONFIGS,
  [CONFIG]: 'node-ip: 192.0.2.5\n',
}
const PEER = {
  'net/ip-addr.txt': `${card(2, 'eth0', '203.0.113.7/24')}\n`,
  'net/ip-route.txt': 'default via 203.0.113.1 dev eth0 src 203.0.113.7\n',
  'kube/kubeconfigs.tsv': KUBECONFIGS,
  [CONFIG]: 'node-ip: 203.0.113.7\n',
}

async function found(
  changes: Readonly<Record<string, string>> = {},
  peer: Readonly<Record<string, string>> = PEER,
) {
  const result = await checkRule(rule, { 'node-1': { ...NODE, ...changes }, 'node-2': peer })
  if (result.state !== 'found') return result.state
  return result.findings.map(({ subject, severity, confidence, nodes }) => [
    subject,
    severity,
    confidence,
    nodes.join('+'),
  ])
}

const filterOf = (value: number) => ({
  'sysctl/values.txt': `net.ipv4.conf.all.rp_filter = 0\nnet.ipv4.conf.eth0.rp_filter = ${value}\n`,
})
const countOf = (count: number) => ({ 'net/netstat.txt': `TcpExt: IPReversePathFilter\nTcpExt: ${count}\n` })

test('what the strict filter does depends on whether anybody sent that way', async () => {
  expect(await found()).toEqual([['eth0', 'medium', 'possible', 'node-2']])
  expect(await found(filterOf(2))).toEqual([['eth0', 'medium', 'possible', 'node-2']])
  expect(await found(filterOf(1))).toEqual([['eth0', 'high', 'likely', 'node-2']])
  expect(await found({ ...filterOf(1), ...countOf(7) })).toEqual([['eth0', 'high', 'certain', 'node-2']])
  expect(await found({ ...filterOf(1), ...countOf(0) })).toEqual([['eth0', 'medium', 'possible', 'node-2']])
})

test('flannel sends by the other card, too', async () => {
  const flannel = [
    '4: flannel.1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UNKNOWN group default',
    '    link/ether 02:fe:00:00:00:01 brd ff:ff:ff:ff:ff:ff',
    '    vxlan id 1 local 198.51.100.5 dev eth1 srcport 0 0 dstport 8472 nolearning ttl auto ageing 300',
    '    inet 10.42.1.0/32 scope global flannel.1',
  ]
  const files = { 'net/ip-addr.txt': `${NODE['net/ip-addr.txt']}${flannel.join('\n')}\n` }
  expect(await found(files)).toEqual([['eth0', 'medium', 'likely', 'node-2']])
})

test.each([
  ['a route by the card', `${NODE['net/ip-route.txt']}203.0.113.0/24 via 192.0.2.1 dev eth0\n`],
  [
    'a multipath route that may take the card',
    'default\n\tnexthop via 198.51.100.1 dev eth1 weight 1\n\tnexthop via 192.0.2.1 dev eth0 weight 1\n',
  ],
  ['no way back, which route-no-default tells', ROUTES.slice(1).join('\n')],
  ['a route that refuses', `${NODE['net/ip-route.txt']}unreachable 203.0.113.0/24\n`],
])('%s', async (_, routes) => {
  expect(await found({ 'net/ip-route.txt': routes })).toBe('clear')
})

test('the cards of one bond are one card', async () => {
  const cards = [
    card(2, 'eth0', '192.0.2.5/24', 'master bond0 '),
    card(3, 'eth1', '198.51.100.5/24', 'master bond0 '),
    card(4, 'bond0', '192.0.2.6/24'),
  ]
  expect(await found({ 'net/ip-addr.txt': `${cards.join('\n')}\n` })).toBe('not-applicable')
})

test('nothing tells the node’s address', async () => {
  expect(await found({ [CONFIG]: 'write-kubeconfig-mode: "0644"\n' })).toBe('unchecked')
})

test('a peer of another cluster is none', async () => {
  const stranger = { ...PEER, 'kube/kubeconfigs.tsv': KUBECONFIGS.replace('ab12', 'cd34') }
  expect(await found({}, stranger)).toBe('clear')
})

test.each([
  [
    'by the default route: routes to pods stay in the main table',
    NODE['net/ip-route.txt'],
    [
      'ip rule add pref 32000 lookup main suppress_prefixlength 0',
      'ip rule add pref 32001 from 192.0.2.5 lookup 100',
    ],
  ],
  [
    'by the other card’s own network, which the main table would prefer',
    `${NODE['net/ip-route.txt']}203.0.113.0/24 dev eth1 proto kernel scope link src 203.0.113.5\n`,
    ['ip rule add pref 31999 from 192.0.2.5 to 203.0.113.0/24 lookup 100'],
  ],
  [
    'by a gateway, behind which pods may be as well',
    `${NODE['net/ip-route.txt']}203.0.112.0/20 via 198.51.100.1 dev eth1\n`,
    ['ip rule add pref 31999 from 192.0.2.5 to 203.0.113.7 lookup 100'],
  ],
])('the cure of answers %s', async (_, routes, rules) => {
  const result = await checkRule(rule, { 'node-1': { ...NODE, 'net/ip-route.txt': routes }, 'node-2': PEER })
  const [finding] = result.state === 'found' ? result.findings : []
  const table = 'ip route add default via GATEWAY dev eth0 table 100'
  expect(finding?.remedy[0]?.commands).toEqual([table, ...rules])
})
