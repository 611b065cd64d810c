import { expect, test } from 'vitest'
import { kubeletResolvConf } from '../../../analyzer/facts/node/kubeletResolvConf.ts'
import rule from '../../../analyzer/rules/services/dns-resolv-conf-bad.ts'
import { textNode } from '../../support/textCluster.ts'

test.each([
  ['kube/config/var/lib/kubelet/config.yaml', 'kind: KubeletConfiguration\nresolvConf: /run/a\n', '/run/a'],
  [
    'kube/config/var/lib/kubelet/kubeadm-flags.env',
    'KUBELET_KUBEADM_ARGS="--resolv-conf=/run/b --v=2"\n',
    '/run/b',
  ],
  ['kube/config/etc/rancher/k3s/config.yaml', 'kubelet-arg:\n- "resolv-conf=/run/c"\n', '/run/c'],
  ['kube/config/etc/rancher/k3s/config.yaml', 'resolv-conf: /run/d\n', '/run/d'],
  [
    'kube/config/etc/rancher/k3s/config.yaml',
    '# resolv-conf: /run/e\nnode-ip: 192.0.2.1\n',
    '/etc/resolv.conf',
  ],
  ['kube/config/etc/kubernetes/manifests/etcd.yaml', 'kind: Pod\n', undefined],
])('the file of the kubelet: %s %j', async (path, content, expected) => {
  const answer = kubeletResolvConf.of(await textNode({ [path]: content }))
  expect(answer.available && answer.value?.path).toBe(expected)
})

test('a loopback server beside a real one is asked only on the node', async () => {
  const node = await textNode({ 'net/resolv-conf.txt': 'nameserver 127.0.0.1\nnameserver 192.0.2.53\n' })
  expect(rule.check(node, 'en').state).toBe('clear')
})

test('both languages name the server', async () => {
  const node = await textNode({ 'net/resolv-conf.txt': 'nameserver ::1\n' })
  for (const language of ['en', 'zh'] as const) {
    const result = rule.check(node, language)
    expect(result.state === 'found' && result.findings[0]?.title).toContain('::1')
  }
})
