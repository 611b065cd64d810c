import { expect, test } from 'vitest'
import { podSweeps } from '../../../analyzer/facts/cluster/podSweeps.ts'
import rule from '../../../analyzer/rules/cni/pod-unreachable-in-sweep.ts'
import { fixture } from '../../support/fixture.ts'
import { textCluster } from '../../support/textCluster.ts'

const pod = (name: string, nodeName: string, podIP: string, more: object = {}) => ({
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { nodeName, containers: [], ...more },
  status: { phase: 'Running', podIP, podIPs: [{ ip: podIP }] },
})

const list = (...items: readonly object[]): string => JSON.stringify({ kind: 'List', items })

test('pods of the host’s network, and addresses nobody looked for, are left out', async () => {
  const cluster = await textCluster({
    'node-1': {
      'extra/nmap.xml': fixture('nmap/pods-plain.xml'),
      'kube/api/pods.json': list(
        pod('a', 'node-1', '10.244.1.2'),
        pod('b', 'node-2', '10.244.2.2'),
        pod('c', 'node-2', '10.244.2.3', { hostNetwork: true }),
        pod('d', 'node-4', '10.244.4.2'),
      ),
    },
  })
  const sweeps = podSweeps.of(cluster)
  const seen = sweeps.available ? sweeps.value[0]?.pods.map(({ name, answered }) => [name, answered]) : []
  expect(seen).toEqual([
    ['default/a', true],
    ['default/b', false],
  ])
})

test('a node with one pod that is silent is not taken for cut off', async () => {
  const { nodes } = await textCluster({
    'node-1': {
      'extra/nmap.xml': fixture('nmap/pods-list.xml'),
      'kube/api/pods.json': list(pod('a', 'node-1', '10.244.1.2'), pod('b', 'node-2', '10.244.2.2')),
    },
  })
  for (const language of ['en', 'zh'] as const) {
    const result = nodes[0] && rule.check(nodes[0], language)
    expect(result?.state === 'found' && result.findings.map(({ subject }) => subject)).toEqual(['pods'])
    expect(result?.state === 'found' && result.findings[0]?.summary).toContain('10.244.2.2')
  }
})

test('without the list of pods a sweep tells nothing', async () => {
  const { nodes } = await textCluster({ 'node-1': { 'extra/nmap.xml': fixture('nmap/pods-list.xml') } })
  expect(nodes.map((each) => rule.check(each, 'en').state)).toEqual(['unchecked'])
})
