import { expect, test } from 'vitest'
import { isOn, rancherSettings } from '../../../analyzer/facts/node/rancherSettings.ts'
import { textNode } from '../../support/textCluster.ts'

const SYSTEMD = 'kube/config/etc/systemd/system'
const CONFIG = 'kube/config/etc/rancher/k3s/config.yaml'
const start = (name: string, command: string) => ({
  [`${SYSTEMD}/${name}.service`]: `[Service]\nExecStart=/usr/local/bin/${command}\n`,
})

async function read(...files: Readonly<Record<string, string>>[]) {
  const fact = rancherSettings.of(await textNode(Object.assign({}, ...files)))
  return fact.available ? fact.value : undefined
}

test('an agent, with what its file and its unit say apart', async () => {
  const settings = await read(start('k3s-agent', 'k3s agent -i 10.0.0.5 --selinux=false'), {
    [CONFIG]: 'server: https://192.168.50.11:6443\nnode-ip: 10.0.0.6\n',
  })
  expect(settings).toMatchObject({ distribution: 'k3s', role: 'agent' })
  expect(settings?.file.get('node-ip')?.values).toEqual(['10.0.0.6'])
  expect(settings?.flags.get('node-ip')?.values).toEqual(['10.0.0.5'])
  expect(settings?.of.get('node-ip')?.values).toEqual(['10.0.0.5'])
  expect(settings && isOn(settings, 'selinux')).toBe(false)
  expect(settings && isOn(settings, 'rootless')).toBe(false)
})

test('the server’s unit counts before the agent’s, and what is started tells the role', async () => {
  const both = await read(start('k3s-agent', 'k3s agent'), start('k3s', 'k3s server'))
  expect(both?.role).toBe('server')
  expect((await read(start('k3s', 'k3s agent')))?.role).toBe('agent')
  expect(await read(start('k3s', 'k3s kubectl'))).toBeUndefined()
})

test('each distribution has its own file, and another one may be named', async () => {
  const config = { [CONFIG]: 'node-ip: 10.0.0.6\n' }
  expect((await read(config, start('rke2-server', 'rke2 server')))?.of.size).toBe(0)
  expect((await read(config, start('k3s', 'k3s server --config /opt/k3s.yaml')))?.file.size).toBe(0)
  expect((await read(config, start('k3s', `k3s server -c /etc/rancher/k3s/config.yaml`)))?.file.size).toBe(1)
  const environment = { [`${SYSTEMD}/k3s.service.env`]: 'K3S_CONFIG_FILE=/opt/k3s.yaml\n' }
  expect((await read(config, start('k3s', 'k3s server'), environment))?.file.size).toBe(0)
})
