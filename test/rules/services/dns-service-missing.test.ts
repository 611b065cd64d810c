import { expect, test } from 'vitest'
import { clusterDns } from '../../../analyzer/facts/node/clusterDns.ts'
import rule from '../../../analyzer/rules/services/dns-service-missing.ts'
import { textNode } from '../../support/textCluster.ts'

const KUBELET = 'kube/config/var/lib/kubelet/config.yaml'
const FLAGS = 'kube/config/var/lib/kubelet/kubeadm-flags.env'
const K3S = 'kube/config/etc/rancher/k3s/config.yaml'

test.each([
  [{ [KUBELET]: 'clusterDNS:\n- 10.96.0.10\n- fd00::a\n' }, ['10.96.0.10', 'fd00::a']],
  [{ [KUBELET]: 'clusterDNS: [10.96.0.10]\n', [FLAGS]: 'A="--cluster-dns=10.97.0.10"\n' }, ['10.97.0.10']],
  [{ [K3S]: 'cluster-dns: 10.43.0.10,fd00::a\n' }, ['10.43.0.10', 'fd00::a']],
  [{ [KUBELET]: 'clusterDNS:\n- not an address\n' }, []],
])('the DNS servers of pods: %j', async (files, addresses) => {
  const answer = clusterDns.of(await textNode(files))
  expect(answer.available && answer.value.map(({ address }) => address)).toEqual(addresses)
})

test('rules that were not captured do not lack the Service', async () => {
  const node = await textNode({ [KUBELET]: 'clusterDNS:\n- 10.96.0.10\n' })
  expect(rule.check(node, 'en').state).toBe('unchecked')
})

test('both languages name what CoreDNS may not list', async () => {
  const line =
    'Failed to list *v1.Namespace: namespaces is forbidden: User "system:serviceaccount:kube-system:coredns" cannot list\n'
  const node = await textNode({ 'journal/coredns.txt': line.repeat(3) })
  for (const language of ['en', 'zh'] as const) {
    const result = rule.check(node, language)
    const [finding] = result.state === 'found' ? result.findings : []
    expect(finding).toMatchObject({ subject: 'forbidden', confidence: 'possible' })
    expect(finding?.title).toContain('Namespace')
  }
})
