import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/cni/flannel-state-wiped.ts'
import { textNode } from '../../support/textCluster.ts'

const conf = '{"name":"cbr0","plugins":[{"type":"flannel","delegate":{"isDefaultGateway":true}}]}'
const pods = (count: number) =>
  JSON.stringify({
    items: Array.from({ length: count }, (_, index) => ({
      id: index.toString(16).padStart(64, '0'),
      metadata: { name: `web-${index}`, namespace: 'default', uid: `u${index}`, attempt: 0 },
      state: 'SANDBOX_READY',
      createdAt: '1795220834000000000',
    })),
  })

test.each([
  [3, 'clear'],
  [4, 'found'],
] as const)('%i sandboxes and no state: %s', async (count, state) => {
  const node = await textNode({
    'cni/net.d/10-flannel.conflist': conf,
    'cni/flannel-state.txt': '',
    'runtime/crictl-pods.json': pods(count),
  })
  expect(rule.check(node, 'en').state).toBe(state)
})

test('another plugin keeps no state there', async () => {
  const node = await textNode({
    'cni/net.d/10-calico.conflist': '{"name":"k8s","plugins":[{"type":"calico"}]}',
    'cni/flannel-state.txt': '',
    'runtime/crictl-pods.json': pods(9),
  })
  expect(rule.check(node, 'en').state).toBe('not-applicable')
})

test('a folder that was not captured tells nothing', async () => {
  const node = await textNode({
    'cni/net.d/10-flannel.conflist': conf,
    'runtime/crictl-pods.json': pods(9),
  })
  expect(rule.check(node, 'en').state).toBe('short')
})
