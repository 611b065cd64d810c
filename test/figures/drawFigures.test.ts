import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { certificateLifetimes } from '../../analyzer/figures/certificateLifetimes.ts'
import { drawFigures } from '../../analyzer/figures/drawFigures.ts'
import { poolUse } from '../../analyzer/figures/poolUse.ts'
import { clusterOf } from '../support/emptyCluster.ts'
import { textCluster } from '../support/textCluster.ts'

const real = (path: string) =>
  readFileSync(new URL(`../../fixtures/nodes/kubernetes-1.20/node-1/${path}`, import.meta.url), 'utf8')

const PKI = 'certs/etc/kubernetes/pki'

test('lives of leaves, those that end first above, without sound authorities', async () => {
  const cluster = await textCluster({
    'node-1': {
      'meta/node.txt': 'started_utc=1825113600\n',
      [`${PKI}/ca.crt`]: real(`${PKI}/ca.crt`),
      [`${PKI}/etcd/server.crt`]: real(`${PKI}/etcd/server.crt`),
      [`${PKI}/apiserver.crt`]: real(`${PKI}/apiserver.crt`),
      [`${PKI}-old/front-proxy-client.crt`]: real(`${PKI}/front-proxy-client.crt`),
    },
  })
  expect(certificateLifetimes(cluster)).toEqual({
    kind: 'certificate-lifetimes',
    judgedAt: '2027-11-02T00:00:00.000Z',
    spans: [
      {
        node: 'node-1',
        path: '/etc/kubernetes/pki/apiserver.crt',
        subject: 'CN=kube-apiserver',
        notBefore: '2026-11-21T00:26:20.000Z',
        notAfter: '2027-11-21T00:26:20.000Z',
        state: 'expiring',
      },
      {
        node: 'node-1',
        path: '/etc/kubernetes/pki/etcd/server.crt',
        subject: 'CN=node-1',
        notBefore: '2026-11-21T00:26:21.000Z',
        notAfter: '2027-11-21T00:26:21.000Z',
        state: 'expiring',
      },
    ],
  })
})

test('pools with what the runtime’s list lacks', async () => {
  const conf = real('cni/net.d/10-bridge.conflist')
  const reservations = {
    'cni/ipam/cbr0/10.244.1.2': real('cni/ipam/cbr0/10.244.1.2'),
    'cni/ipam/cbr0/10.244.1.3': real('cni/ipam/cbr0/10.244.1.3'),
  }
  const sandboxes =
    '{"items": [{"id": "8ceb7899350afee31633c8e09957a5b4c54865f9f16e58cf70e58fb1554c1e25", "state": "SANDBOX_READY"}]}'
  const cluster = await textCluster({
    'node-1': { 'cni/net.d/10.conflist': conf, ...reservations, 'runtime/crictl-pods.json': sandboxes },
    'node-2': { 'cni/net.d/10.conflist': conf, ...reservations },
    'node-3': {},
  })
  const pool = { network: 'cbr0', subnet: '10.244.1.0/24', used: 2, capacity: 253 }
  expect(poolUse(cluster)).toEqual({
    kind: 'pool-use',
    pools: [
      { node: 'node-1', ...pool, leaked: 1 },
      { node: 'node-2', ...pool },
    ],
  })
})

test('nothing to show', () => {
  expect([certificateLifetimes, poolUse].map((draw) => draw(clusterOf(['node-1'])))).toEqual([
    undefined,
    undefined,
  ])
})

test('bundles that hold nothing have nothing to show', () => {
  expect(drawFigures(clusterOf(['node-1']), 'en')).toEqual({ figures: [], broken: [] })
})

test('a figure that fails is told, and costs the analysis nothing', () => {
  const cluster = clusterOf(['node-1'])
  const [node] = cluster.nodes
  if (node === undefined) throw new Error('the case has a node')
  const trap = new Proxy(node.captures, {
    get: () => {
      throw new TypeError('boom')
    },
  })
  const { figures, broken } = drawFigures({ ...cluster, nodes: [{ ...node, captures: trap }] }, 'en')
  expect(figures).toEqual([])
  expect(broken.map(({ id, state }) => [id, state])).toEqual([
    ['figure-rules-per-node', 'broken'],
    ['figure-certificate-lifetimes', 'broken'],
    ['figure-pool-use', 'broken'],
  ])
})
