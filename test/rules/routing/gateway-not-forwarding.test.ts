import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/routing/gateway-not-forwarding.ts'
import { textCluster } from '../../support/textCluster.ts'

const links = (last: number): string =>
  `2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500\n    link/ether 02:00:00:00:00:0${last} brd ff:ff:ff:ff:ff:ff\n    inet 192.168.7.${last}/24 scope global eth0\n`
const WAN =
  '3: eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500\n    link/ether 02:00:00:00:00:09 brd ff:ff:ff:ff:ff:ff\n    inet 192.0.2.9/24 scope global eth1\n'
const LAN = '192.168.7.0/24 dev eth0 proto kernel scope link\n'

/** What is said of node-1, the gateway of node-2, which reaches the world by another interface. */
async function judge(
  files: Readonly<Record<string, string>>,
  routes = `default via 192.0.2.1 dev eth1\n${LAN}`,
): Promise<readonly string[]> {
  const cluster = await textCluster({
    'node-1': { 'net/ip-addr.txt': links(1) + WAN, 'net/ip-route.txt': routes, ...files },
    'node-2': { 'net/ip-addr.txt': links(2), 'net/ip-route.txt': `default via 192.168.7.1 dev eth0\n${LAN}` },
  })
  const [node] = cluster.nodes
  const result = node && rule.check(node, 'en')
  return result?.state === 'found'
    ? result.findings.map(({ subject, confidence }) => `${subject} ${confidence}`)
    : [result?.state ?? '']
}

const save = (policy: string, ...nat: readonly string[]): Readonly<Record<string, string>> => ({
  'netfilter/iptables-save.txt': [
    '*filter',
    `:FORWARD ${policy}`,
    'COMMIT',
    '*nat',
    ':POSTROUTING ACCEPT [0:0]',
    ...nat,
    'COMMIT',
    '',
  ].join('\n'),
})
const MASQUERADE = '-A POSTROUTING -s 192.168.7.0/24 -o eth1 -j MASQUERADE'

test('forwarding, the rules and the way back are each looked at', async () => {
  expect(await judge({ 'sysctl/values.txt': 'net.ipv4.ip_forward = 0\n' })).toEqual([
    'forwarding-off certain',
  ])
  expect(await judge(save('DROP [4:240]', MASQUERADE))).toEqual(['stopped certain'])
  expect(await judge(save('DROP [0:0]', MASQUERADE))).toEqual(['stopped likely'])
  expect(await judge(save('ACCEPT [0:0]', MASQUERADE))).toEqual(['clear'])
  expect(await judge(save('ACCEPT [0:0]'))).toEqual(['no-masquerade possible'])
  expect(
    await judge(save('ACCEPT [0:0]', '-A POSTROUTING -m set --match-set lan src -j MASQUERADE')),
  ).toEqual(['clear'])
  expect(await judge({}, LAN)).toEqual(['no-route likely'])
})

test('native tables count as well', async () => {
  const nft = [
    'table inet host {',
    '\tchain f {',
    '\t\ttype filter hook forward priority filter; policy accept;',
    '\t\tiifname "eth0" reject with icmpx admin-prohibited',
    '\t}',
    '\tchain n {',
    '\t\ttype nat hook postrouting priority srcnat; policy accept;',
    '\t\toifname "eth1" masquerade',
    '\t}',
    '}',
    '',
  ].join('\n')
  expect(await judge({ ...save('ACCEPT [0:0]'), 'netfilter/nft-ruleset.txt': nft })).toEqual([
    'stopped likely',
  ])
})
