import { expect, test } from 'vitest'
import { type CniAgent, cniAgentOf, cniAgents } from '../../../analyzer/facts/node/cniAgents.ts'
import { textNode } from '../../support/textCluster.ts'

async function stateOf(agent: CniAgent, files: Record<string, string>) {
  const answer = cniAgents.of(await textNode(files))
  return answer.available ? answer.value(agent).state : undefined
}

const container = (name: string, state: string) => ({
  'runtime/crictl-ps.json': JSON.stringify({
    containers: [{ id: 'a1'.repeat(32), metadata: { name }, state: `CONTAINER_${state}` }],
  }),
})

test('the containers of the runtime tell what runs, has stopped, or is not there', async () => {
  expect(await stateOf('calico', container('calico-node', 'RUNNING'))).toBe('running')
  expect(await stateOf('calico', container('calico-node', 'EXITED'))).toBe('stopped')
  expect(await stateOf('calico', container('web', 'RUNNING'))).toBe('absent')
})

test('without a list, or with an empty one, nothing is known to be absent', async () => {
  expect(await stateOf('calico', {})).toBe('untold')
  expect(await stateOf('calico', { 'runtime/crictl-ps.json': '{"containers":[]}' })).toBe('untold')
})

test('a process that listens runs, whatever the containers are', async () => {
  const ss = 'tcp LISTEN 0 4096 127.0.0.1:9099 0.0.0.0:* users:(("calico-node",pid=812,fd=7))\n'
  expect(await stateOf('calico', { ...container('web', 'RUNNING'), 'net/ss-listen.txt': ss })).toBe('running')
})

test('flannel may run outside of containers where its file is', async () => {
  const env = 'FLANNEL_NETWORK=10.42.0.0/16\nFLANNEL_SUBNET=10.42.1.1/24\n'
  const files = { ...container('web', 'RUNNING'), 'cni/flannel-subnet.env': env }
  expect(await stateOf('flannel', files)).toBe('untold')
  expect(await stateOf('calico', files)).toBe('absent')
})

const ps = (name: string) => `${'b2'.repeat(32)}   busybox   "sh"   2 hours ago   Up 2 hours      ${name}\n`

test('a Docker without containers of the kubelet does not list them', async () => {
  expect(await stateOf('weave', { 'runtime/docker-ps.txt': ps('tools') })).toBe('untold')
  expect(await stateOf('weave', { 'runtime/docker-ps.txt': ps('k8s_web_web-1_default_uid_0') })).toBe(
    'absent',
  )
  expect(
    await stateOf('weave', { 'runtime/docker-ps.txt': ps('k8s_weave_weave-net-1_kube-system_uid_0') }),
  ).toBe('running')
})

const pod = (nodeName: string) => ({
  metadata: { name: 'cilium-7xk2p', namespace: 'kube-system' },
  spec: { nodeName, containers: [{ name: 'cilium-agent' }] },
  status: { phase: 'Running' },
})

test('the pods of the API server count where it knows the node', async () => {
  const nodes = { items: [{ kind: 'Node', metadata: { name: 'node-1' } }] }
  const files = (nodeName: string) => ({
    'kube/api/nodes.json': JSON.stringify(nodes),
    'kube/api/pods.json': JSON.stringify({ items: [pod(nodeName)] }),
  })
  expect(await stateOf('cilium', files('node-1'))).toBe('running')
  expect(await stateOf('cilium', files('node-2'))).toBe('untold')
})

const plugin = (type: string, bridge?: string) =>
  cniAgentOf({ type, isGateway: false, ...(bridge !== undefined && { bridge }) })

test('whose program a plugin needs', () => {
  expect(plugin('multus-shim')).toBe('multus')
  expect(plugin('bridge', 'cni0')).toBe('none')
  expect(plugin('bridge', 'kube-bridge')).toBe('kube-router')
  expect(plugin('azure-vnet')).toBeUndefined()
})
