import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/cni/flannel-vtep-mac-mismatch.ts'
import { tellOfFlannel } from '../../support/flannelNodes.ts'

const OTHER = '8a:1f:33:52:90:0c'

test('a peer that knows another address is told on both nodes as one fault', async () => {
  const result = await tellOfFlannel(rule, [['node-2/net/ip-neigh.txt', '02:fe:00:00:00:01', OTHER]])
  expect(result).toMatchObject({
    state: 'found',
    findings: [{ subject: 'node-1/flannel.1', nodes: ['node-1', 'node-2'], confidence: 'certain' }],
  })
})

test('an annotation in the form of old releases, without VNI', async () => {
  const annotations = { 'flannel.alpha.coreos.com/backend-data': `{"VtepMAC":"${OTHER}"}` }
  const nodes = { kind: 'List', items: [{ kind: 'Node', metadata: { name: 'node-1', annotations } }] }
  const result = await tellOfFlannel(rule, [], { 'node-1': { 'kube/api/nodes.json': JSON.stringify(nodes) } })
  expect(result).toMatchObject({ state: 'found' })
  expect(result?.state === 'found' && result.findings[0]?.title).toContain(`flannel announced ${OTHER}`)
})

test('is silent about nodes without such a device', async () => {
  const result = await tellOfFlannel(rule, [['node-1/net/ip-addr.txt', 'flannel.1', 'vxlan.calico']])
  expect(result?.state).toBe('not-applicable')
})
