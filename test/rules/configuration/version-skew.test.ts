import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/configuration/version-skew.ts'
import { textCluster } from '../../support/textCluster.ts'

function apiServer(version: string): Readonly<Record<string, string>> {
  return {
    'kube/config/etc/kubernetes/manifests/kube-apiserver.yaml': `spec:\n  containers:\n  - image: registry.example.org/k8s/kube-apiserver-amd64:${version}\n`,
  }
}

async function outcomes(nodes: Readonly<Record<string, Readonly<Record<string, string>>>>) {
  const cluster = await textCluster(nodes)
  return cluster.nodes.map((node) => {
    const result = rule.check(node, 'en')
    return result.state === 'found' ? result.findings[0]?.title : result.state
  })
}

const kubelet = (version: string) => ({ 'meta/versions.txt': `kubelet: Kubernetes ${version}\n` })

test('API servers may be one minor release apart', async () => {
  expect(await outcomes({ a: apiServer('v1.29.1'), b: apiServer('v1.30.0') })).toEqual(['clear', 'clear'])
  expect(await outcomes({ a: apiServer('v1.28.1'), b: apiServer('v1.30.0') })).toEqual([
    'The API servers of a (v1.28.1) and b (v1.30.0) are too far apart',
    'clear',
  ])
})

test('a kubelet is held against the oldest API server for being newer, against the newest for being older', async () => {
  const servers = { a: apiServer('v1.29.1'), b: apiServer('v1.30.0') }
  expect((await outcomes({ ...servers, c: kubelet('v1.30.0') }))[2]).toContain(
    'is newer than the API server of a',
  )
  expect((await outcomes({ ...servers, c: kubelet('v1.26.9') }))[2]).toContain(
    'is too old for the API server of b',
  )
  expect((await outcomes({ ...servers, c: kubelet('v1.27.9') }))[2]).toBe('clear')
})

test('without the release of an API server nothing is known', async () => {
  expect(await outcomes({ a: kubelet('v1.29.1') })).toEqual(['unchecked'])
})
