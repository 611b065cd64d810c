import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/services/apiserver-via-service-unreachable.ts'
import { textNode } from '../../support/textCluster.ts'

const LINKS =
  '2: eth0: <BROADCAST,UP> mtu 1500 qdisc noqueue state UP group default\n    inet 192.0.2.11/24 scope global eth0\n'
const KUBELET = 'LISTEN 0 4096 *:10250 *:* users:(("kubelet",pid=9,fd=18))\n'

function endpoints(...addresses: readonly string[]): string {
  const subsets = [{ addresses: addresses.map((ip) => ({ ip })), ports: [{ name: 'https', port: 6443 }] }]
  const metadata = { name: 'kubernetes', namespace: 'default' }
  return JSON.stringify({ kind: 'List', items: [{ kind: 'Endpoints', metadata, subsets }] })
}

test.each([
  ['the only endpoint', endpoints('192.0.2.11'), KUBELET, 'critical'],
  ['one of two', endpoints('192.0.2.11', '192.0.2.12'), KUBELET, 'high'],
  ['an address of another node', endpoints('192.0.2.12'), KUBELET, 'not-applicable'],
  ['names are missing', endpoints('192.0.2.11'), 'LISTEN 0 4096 *:10250 *:*\n', 'unchecked'],
  [
    'another address listens',
    endpoints('192.0.2.11'),
    `${KUBELET}LISTEN 0 9 127.0.0.1:6443 *:*\n`,
    'critical',
  ],
  ['every address listens', endpoints('192.0.2.11'), `${KUBELET}LISTEN 0 9 [::]:6443 [::]:*\n`, 'clear'],
])('%s', async (_, announced, sockets, expected) => {
  const node = await textNode({
    'net/ip-addr.txt': LINKS,
    'net/ss-listen.txt': sockets,
    'kube/api/endpoints.json': announced,
  })
  for (const language of ['en', 'zh'] as const) {
    const result = rule.check(node, language)
    expect(result.state === 'found' ? result.findings[0]?.severity : result.state).toBe(expected)
  }
})
