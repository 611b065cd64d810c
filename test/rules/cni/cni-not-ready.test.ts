import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/cni/cni-not-ready.ts'
import { textNode } from '../../support/textCluster.ts'

const line = (message: string) =>
  `2026-11-21T00:27:35.000000+0000 node-1 kubelet[812]: E1121 00:27:35.000000     812 kubelet.go:2847] "Container runtime network not ready" networkReady="NetworkReady=false reason:NetworkPluginNotReady message:${message}"`
const times = 'started_utc=1795220878\nuptime_seconds=86400\n'

test('tells what the runtime says, in the words of Kubernetes since 1.21', async () => {
  const journal = Array.from({ length: 3 }, () =>
    line('Network plugin returns error: cni plugin not initialized'),
  )
  const node = await textNode({ 'meta/node.txt': times, 'journal/kubelet.txt': `${journal.join('\n')}\n` })
  const result = rule.check(node, 'en')
  expect(result.state === 'found' && result.findings[0]?.summary).toContain(
    '(Network plugin returns error: cni plugin not initialized)',
  )
})

test('needs three lines, and a log', async () => {
  const twice = `${line('x')}\n${line('x')}\n`
  const node = await textNode({ 'meta/node.txt': times, 'journal/kubelet.txt': twice })
  expect(rule.check(node, 'en').state).toBe('clear')
  expect(rule.check(await textNode({}), 'en').state).toBe('short')
})
