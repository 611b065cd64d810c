import { expect, test } from 'vitest'
import { kubeProxyPresence } from '../../../analyzer/facts/node/kubeProxyPresence.ts'
import rule from '../../../analyzer/rules/services/kube-proxy-not-running.ts'
import { textNode } from '../../support/textCluster.ts'

const LINKS = '2: eth0: <BROADCAST,UP> mtu 1500 qdisc noqueue state UP group default\n'
const KUBELET = 'LISTEN 0 4096 *:10250 *:* users:(("kubelet",pid=9,fd=18))\n'

function container(state: string): string {
  return JSON.stringify({
    containers: [
      { id: 'a'.repeat(64), podSandboxId: 'b', metadata: { name: 'kube-proxy', attempt: 3 }, state },
    ],
  })
}

test.each([
  [
    'its process',
    { 'net/ss-listen.txt': 'LISTEN 0 9 127.0.0.1:10249 *:* users:(("kube-proxy",pid=1,fd=8))\n' },
    'running',
  ],
  ['its health port', { 'net/ss-listen.txt': 'LISTEN 0 9 *:10256 *:*\n' }, 'running'],
  ['its container', { 'runtime/crictl-ps.json': container('CONTAINER_RUNNING') }, 'running'],
  [
    'its container of docker',
    {
      'runtime/docker-ps.txt': `${'c'.repeat(64)}   proxy:1   "kube-proxy"   2 hours ago   Up 2 hours      k8s_kube-proxy_kube-proxy-x_kube-system_1_0\n`,
    },
    'running',
  ],
  ['its stopped container', { 'runtime/crictl-ps.json': container('CONTAINER_EXITED') }, 'gone'],
  ['the kubelet alone', { 'net/ss-listen.txt': KUBELET }, 'gone'],
  ['no kubelet', { 'net/ss-listen.txt': 'LISTEN 0 9 *:22 *:* users:(("sshd",pid=1,fd=8))\n' }, 'untold'],
  ['k3s', { 'net/ss-listen.txt': 'LISTEN 0 9 *:10250 *:* users:(("k3s-server",pid=1,fd=8))\n' }, 'embedded'],
  [
    'Cilium',
    { 'net/ss-listen.txt': `${KUBELET}LISTEN 0 9 *:10256 *:* users:(("cilium-agent",pid=1,fd=8))\n` },
    'replaced',
  ],
])('%s', async (_, files, state) => {
  const answer = kubeProxyPresence.of(await textNode({ 'net/ip-addr.txt': LINKS, ...files }))
  expect(answer.available && answer.value.state).toBe(state)
})

test('devices that were not captured may be those of another program', async () => {
  expect(rule.check(await textNode({ 'net/ss-listen.txt': KUBELET }), 'en').state).toBe('unchecked')
})

test('a container that stopped, where nothing tells of rules, is likely a fault', async () => {
  const node = await textNode({
    'net/ip-addr.txt': LINKS,
    'runtime/crictl-ps.json': container('CONTAINER_EXITED'),
  })
  for (const language of ['en', 'zh'] as const) {
    const result = rule.check(node, language)
    const [finding] = result.state === 'found' ? result.findings : []
    expect(finding).toMatchObject({ subject: 'unknown', confidence: 'likely', severity: 'high' })
    expect(finding?.title).toContain('kube-proxy')
  }
})
