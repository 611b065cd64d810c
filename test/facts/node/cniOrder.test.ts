import { expect, test } from 'vitest'
import { cniOrder } from '../../../analyzer/facts/node/cniOrder.ts'
import { textCluster } from '../../support/textCluster.ts'

const CONF = '{"name":"NAME","plugins":[{"type":"bridge"}]}'
const K3S = '/var/lib/rancher/k3s/agent/etc/cni/net.d'

/** Names of the files in the order of the runtime, the one in use first; undefined where the order is not told. */
async function orderOf(names: readonly string[], more: Record<string, string> = {}, rows = '') {
  const files = Object.fromEntries(
    names.map((name) => [`cni/net.d/${name}`, CONF.replace('NAME', name.split('.')[0] ?? '')]),
  )
  const [node] = (await textCluster({ 'node-1': { ...files, ...more } }, {}, rows)).nodes
  const order = node && cniOrder.of(node)
  if (!order?.available) return undefined
  const { used, others } = order.value
  return [used, ...others].map((file) => file && `${file.folder}/${file.name}`)
}

test('names are compared byte by byte, as the runtimes do', async () => {
  expect(await orderOf(['100-crio.conf', '10-flannel.conflist', 'Z.conf', 'a.json'])).toEqual([
    '/etc/cni/net.d/10-flannel.conflist',
    '/etc/cni/net.d/100-crio.conf',
    '/etc/cni/net.d/Z.conf',
    '/etc/cni/net.d/a.json',
  ])
})

test('what the runtime does not load has no place in the order', async () => {
  expect(await orderOf(['05-old.conflist.bak', '10-flannel.conflist'])).toEqual([
    '/etc/cni/net.d/10-flannel.conflist',
  ])
  expect(await orderOf([])).toEqual([undefined])
})

const crio = (line: string) => ({ 'runtime/config/etc/crio/crio.conf': `[crio.network]\n${line}\n` })

test('CRI-O may be told the name of its network', async () => {
  const names = ['10-a.conf', '20-b.conf']
  expect((await orderOf(names, crio('cni_default_network = "20-b"')))?.[0]).toBe('/etc/cni/net.d/20-b.conf')
  expect((await orderOf(names, crio('# cni_default_network = "20-b"')))?.[0]).toBe('/etc/cni/net.d/10-a.conf')
})

const row = (path: string, name: string) =>
  `-\tcni/net.d/${name}\tok\t0\t1\t${CONF.replace('NAME', name.split('.')[0] ?? '').length}\t0\t-\tcat ${path}/${name}\n`

test('of two folders the runtime’s configuration tells which one it reads', async () => {
  const rows = row('/etc/cni/net.d', '10-a.conf') + row(K3S, '20-b.conf')
  const names = ['10-a.conf', '20-b.conf']
  expect(await orderOf(names, {}, rows)).toBeUndefined()
  const toml = { 'runtime/config/etc/containerd/config.toml': `  conf_dir = "${K3S}"\n` }
  expect(await orderOf(names, toml, rows)).toEqual([`${K3S}/20-b.conf`])
})
