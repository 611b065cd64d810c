import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/routing/policy-routing-hijack.ts'
import { foundIn } from '../../support/foundIn.ts'
import { textNode } from '../../support/textCluster.ts'

/** A node of Calico alone: pods on links of their own, those of another node in a tunnel. */
const CALICO = {
  'net/ip-addr.txt': [
    '2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000',
    '    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff',
    '    inet 192.0.2.5/28 scope global eth0',
    '3: vxlan.calico: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UNKNOWN group default',
    '    inet 10.7.1.0/32 scope global vxlan.calico',
    '4: cali00000000001@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UP group default',
    '5: cali00000000002@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UP group default',
    '6: wg0: <POINTOPOINT,NOARP,UP,LOWER_UP> mtu 1420 qdisc noqueue state UNKNOWN group default qlen 1000',
    '    link/none ',
    '    wireguard numtxqueues 1 numrxqueues 1 ',
    '7: wireguard.cali: <POINTOPOINT,NOARP,UP,LOWER_UP> mtu 1440 qdisc noqueue state UNKNOWN group default',
    '',
  ].join('\n'),
}
const MAIN = [
  'default via 192.0.2.1 dev eth0 proto dhcp metric 100',
  '192.0.2.0/28 dev eth0 proto kernel scope link src 192.0.2.5 metric 100',
  '10.7.1.2 dev cali00000000001 scope link',
  '10.7.1.3 dev cali00000000002 scope link',
  '10.7.2.0/26 via 10.7.2.0 dev vxlan.calico onlink',
]
const KERNELS = [
  '0:\tfrom all lookup local',
  '32766:\tfrom all lookup main',
  '32767:\tfrom all lookup default',
]

const nodeOf = (rules: readonly string[], routes: readonly string[] = []) => ({
  ...CALICO,
  'net/ip-rule.txt': `${[...rules, ...KERNELS].join('\n')}\n`,
  'net/ip-route.txt': `${[...MAIN, ...routes].join('\n')}\n`,
})
const found = (rules: readonly string[], routes: readonly string[] = []) =>
  foundIn(rule, nodeOf(rules, routes))

test('pods that are routed one by one: what the node answers them leaves by its card', async () => {
  expect(
    await found(['30400:\tfrom 192.0.2.5 lookup 30400'], ['default via 192.0.2.1 dev eth0 table 30400']),
  ).toEqual([['30400', 'high', 'certain']])
})

test('a rule for one pod alone is asked of that pod', async () => {
  expect(await found(['900:\tfrom 10.7.1.3 lookup 7'], ['default via 192.0.2.1 dev eth0 table 7'])).toEqual([
    ['900', 'high', 'certain'],
  ])
})

test('a rule that depends on a protocol: other packets may pass it', async () => {
  const routes = ['default via 192.0.2.1 dev eth0 table 7']
  expect(await found(['900:\tfrom all ipproto tcp lookup 7'], routes)).toBe('clear')
  expect(await found(['800:\tfrom all ipproto udp lookup main', '900:\tfrom all lookup 7'], routes)).toEqual([
    ['900', 'high', 'possible'],
  ])
})

test('pods of other nodes by a tunnel of the administrator: it may lead there', async () => {
  expect(await found(['900:\tfrom all to 10.7.2.0/24 lookup 7'], ['10.7.0.0/16 dev wg0 table 7'])).toEqual([
    ['900', 'high', 'possible'],
  ])
})

test.each([
  [
    'Calico’s own WireGuard',
    '99:\tnot from all fwmark 0x100000/0x100000 lookup 1',
    '10.7.2.0/26 dev wireguard.cali table 1',
  ],
  ['a table that lets go', '900:\tfrom all lookup 7', 'throw 10.7.0.0/16 table 7'],
  [
    'a rule for what comes in by another interface',
    '900:\tfrom all iif wg0 lookup 7',
    'default via 192.0.2.1 dev eth0 table 7',
  ],
  ['a VRF', '1000:\tfrom all lookup [l3mdev-table]', 'default via 192.0.2.1 dev eth0 table 7'],
])('%s diverts nothing', async (_, own, route) => {
  expect(await found([own], [route])).toBe('clear')
})

test('a node without pods has nothing to divert', async () => {
  const files = {
    ...nodeOf(['900:\tfrom all lookup 7']),
    'net/ip-route.txt': 'default via 192.0.2.1 dev eth0\n',
  }
  expect(await foundIn(rule, files)).toBe('not-applicable')
})

test('both languages name the rule and where the packets leave', async () => {
  const node = await textNode(
    nodeOf(['900:\tfrom 192.0.2.5 lookup 7'], ['default via 192.0.2.1 dev eth0 table 7']),
  )
  for (const language of ['en', 'zh'] as const) {
    const result = rule.check(node, language)
    expect(result.state === 'found' && result.findings[0]?.summary).toMatch(
      /pref 900 .*eth0.*192\.0\.2\.1.*cali/,
    )
  }
})
