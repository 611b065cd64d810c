import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/iptables/host-firewall-active.ts'
import { textCluster } from '../../support/textCluster.ts'

const ADDRESS = (last: number): string =>
  `2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500\n    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n    inet 192.0.2.${last}/24 scope global eth0\n`

/** node-1 with these rules of INPUT, beside a peer. */
async function judge(...rules: readonly string[]): Promise<string> {
  const chains = [':INPUT ACCEPT [0:0]', ':ufw-before-input - [0:0]', ...rules]
  const save = ['*filter', ...chains, 'COMMIT', ''].join('\n')
  const cluster = await textCluster({
    'node-1': { 'net/ip-addr.txt': ADDRESS(11), 'netfilter/iptables-save.txt': save },
    'node-2': { 'net/ip-addr.txt': ADDRESS(12) },
  })
  const [node] = cluster.nodes
  return node === undefined ? '' : rule.check(node, 'en').state
}

test('a firewall that stops what the cluster needs; one that does not; one that is switched off', async () => {
  const jump = '-A INPUT -j ufw-before-input'
  expect(await judge(jump, '-A ufw-before-input -p tcp -m tcp --dport 10250 -j DROP')).toBe('found')
  expect(await judge(jump, '-A ufw-before-input -p tcp -m tcp --dport 22 -j ACCEPT')).toBe('clear')
  expect(await judge('-A INPUT -p tcp -m tcp --dport 10250 -j DROP')).toBe('not-applicable')
})
