import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/certificates/certificate-apiserver-san-missing.ts'
import { FIXTURES } from '../../support/faultCase.ts'
import { textCluster } from '../../support/textCluster.ts'

/** Of a real kubeadm 1.20: DNS:node-1 and others, IP:10.96.0.1, IP:192.168.50.11. */
const CERTIFICATE = readFileSync(
  join(FIXTURES, 'nodes/kubernetes-1.20/node-1/certs/etc/kubernetes/pki/apiserver.crt'),
  'utf8',
)

async function outcome(
  server: string,
  more: Readonly<Record<string, string>> = {},
  certificate = 'etc/kubernetes/pki/apiserver.crt',
) {
  const cluster = await textCluster({
    'node-1': {
      [`certs/${certificate}`]: CERTIFICATE,
      'kube/kubeconfigs.tsv': `/etc/kubernetes/kubelet.conf\t${server}\t-\tclient-certificate\n`,
      ...more,
    },
  })
  const [node] = cluster.nodes
  if (node === undefined) throw new Error('no node')
  const result = rule.check(node, 'zh')
  return result.state === 'found' ? `found ${result.findings[0]?.confidence}` : result.state
}

test('names are compared without case, addresses with addresses', async () => {
  expect(await outcome('https://KUBERNETES.default:6443')).toBe('clear')
  expect(await outcome('https://192.168.50.11')).toBe('clear')
  expect(await outcome('https://[fd00::11]:6443')).toBe('found possible')
  expect(await outcome('https://lb.example.org:6443')).toBe('found possible')
})

test('a name that a hosts file leads to another node is not asked of this one', async () => {
  const hosts = { 'net/hosts.txt': '192.168.50.11 api.example.org\n' }
  expect(await outcome('https://api.example.org:6443', hosts)).toBe('found possible')
})

test('k3s serves with another certificate, and a node without one has no API server', async () => {
  const k3s = 'var/lib/rancher/k3s/server/tls/serving-kube-apiserver.crt'
  expect(await outcome('https://lb.example.org:6443', {}, k3s)).toBe('not-applicable')
  expect(await outcome('https://lb.example.org:6443', {}, 'etc/kubernetes/pki/front-proxy-client.crt')).toBe(
    'not-applicable',
  )
})

test('nobody is known to call it', async () => {
  expect(await outcome('-')).toBe('unchecked')
})
