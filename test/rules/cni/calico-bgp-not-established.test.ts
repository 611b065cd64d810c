import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/cni/calico-bgp-not-established.ts'
import { textNode } from '../../support/textCluster.ts'

const line =
  '2026-11-21T00:27:35.000000+0000 node-1 kubelet[812]: I1121 00:27:35.000000     812 prober.go:107] "Probe failed" probeType="Readiness" pod="calico-system/calico-node-x7k2p" containerName="calico-node" probeResult=failure output="calico/node is not ready: BIRD is not ready: BGP not established with 10.0.0.2,10.0.0.3\\n"'

test('names the peers, in the words of Kubernetes since 1.21', async () => {
  const node = await textNode({ 'journal/kubelet.txt': `${line}\n${line}\n${line}\n` })
  const result = rule.check(node, 'en')
  expect(result.state === 'found' && result.findings[0]?.title).toBe(
    'node-1 has no BGP session with 10.0.0.2 and 10.0.0.3',
  )
})

test('without Calico, and without such a line, there is nothing to say', async () => {
  const node = await textNode({ 'journal/kubelet.txt': 'nothing of the kind\n' })
  expect(rule.check(node, 'en').state).toBe('not-applicable')
})
