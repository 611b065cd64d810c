import { expect, test } from 'vitest'
import { apiServerAddresses } from '../../../analyzer/facts/cluster/apiServerAddresses.ts'
import { type TextFiles, textCluster } from '../../support/textCluster.ts'

async function addressesOf(files: TextFiles) {
  const answer = apiServerAddresses.of(await textCluster(files))
  if (!answer.available) throw new Error('no addresses')
  return answer.value.map(({ kind, address, port, origin }) => [kind, address, port, origin.path])
}

const TSV = 'kube/kubeconfigs.tsv'
const row = (path: string, server: string) => `${path}\t${server}\t-\tclient-certificate\n`

test('servers of kubeconfigs; a loopback address is a local load balancer', async () => {
  const text =
    row('/etc/kubernetes/kubelet.conf', 'https://192.0.2.1:6443') +
    row('/etc/kubernetes/admin.conf', 'https://127.0.0.1:6443')
  expect(await addressesOf({ 'node-1': { [TSV]: text } })).toEqual([['client', '192.0.2.1', 6443, TSV]])
})

test('a name is looked up in the hosts file of the same node, and unknown without it', async () => {
  const text = row('/etc/kubernetes/kubelet.conf', 'https://api.example.com:6443')
  const hosts = '127.0.0.1 localhost\n192.0.2.9 API.example.com api # the load balancer\n'
  const files = { 'node-1': { [TSV]: text, 'net/hosts.txt': hosts }, 'node-2': { [TSV]: text } }
  expect(await addressesOf(files)).toEqual([['client', '192.0.2.9', 6443, TSV]])
})

test('IPv6 in brackets, and no port', async () => {
  const text = row('/etc/kubernetes/kubelet.conf', 'https://[2001:db8::1]/')
  expect(await addressesOf({ 'node-1': { [TSV]: text } })).toEqual([
    ['client', '2001:db8::1', undefined, TSV],
  ])
})

test("a network plugin's kubeconfig names a cluster address", async () => {
  const text = row('/etc/cni/net.d/calico-kubeconfig', 'https://10.96.0.1:443')
  expect(await addressesOf({ 'node-1': { [TSV]: text } })).toEqual([])
})

test('the server of a k3s agent', async () => {
  const path = 'kube/config/etc/rancher/k3s/config.yaml'
  const files = { 'node-1': { [path]: 'server: https://192.0.2.1:6443\ntoken: <withheld>\n' } }
  expect(await addressesOf(files)).toEqual([['client', '192.0.2.1', 6443, path]])
})

test('the servers behind default/kubernetes in the rules of kube-proxy 1.30', async () => {
  const rule =
    '-A KUBE-SEP-SYTUCLJC6RHSOMXI -p tcp -m comment --comment "default/kubernetes:https" -m tcp -j DNAT --to-destination 192.168.50.11:6443'
  const text = `*nat\n:KUBE-SEP-SYTUCLJC6RHSOMXI - [0:0]\n${rule}\nCOMMIT\n`
  const path = 'netfilter/iptables-save.txt'
  expect(await addressesOf({ 'node-1': { [path]: text } })).toEqual([
    ['endpoint', '192.168.50.11', 6443, path],
  ])
})
