import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/services/kube-proxy-not-programming.ts'
import { textNode } from '../../support/textCluster.ts'

const UNAUTHORIZED =
  'reflector.go:138] k8s.io/client-go/informers/factory.go:134: Failed to watch *v1.Service: failed to list *v1.Service: Unauthorized\n'

function forbidden(user: string): string {
  return `Failed to list *v1.Service: services is forbidden: User "${user}" cannot list resource "services"\n`
}

test('lines without a time may be of any day', async () => {
  const node = await textNode({ 'journal/kube-proxy.txt': UNAUTHORIZED.repeat(3) })
  for (const language of ['en', 'zh'] as const) {
    const result = rule.check(node, language)
    const [finding] = result.state === 'found' ? result.findings : []
    expect(finding).toMatchObject({ subject: 'list', confidence: 'possible', severity: 'high' })
    expect(finding?.title).toContain('node-1')
  }
})

test('a log of k3s is of many components: only lines that name kube-proxy count', async () => {
  const other = await textNode({
    'journal/k3s.txt': UNAUTHORIZED.repeat(3) + forbidden('system:kube-scheduler').repeat(3),
  })
  expect(rule.check(other, 'en').state).toBe('unchecked')
  const own = await textNode({ 'journal/k3s.txt': forbidden('system:kube-proxy').repeat(3) })
  expect(rule.check(own, 'en').state).toBe('found')
})

test('without a log of kube-proxy nothing is cleared', async () => {
  const node = await textNode({ 'journal/kubelet.txt': UNAUTHORIZED.repeat(3) })
  expect(rule.check(node, 'en').state).toBe('unchecked')
})
