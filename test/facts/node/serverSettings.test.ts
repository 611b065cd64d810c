import { expect, test } from 'vitest'
import { serverSettings } from '../../../analyzer/facts/node/serverSettings.ts'
import { textNode } from '../../support/textCluster.ts'

const UNIT = 'kube/config/etc/systemd/system/k3s.service'

async function read(files: Readonly<Record<string, string>>) {
  const fact = serverSettings.of(await textNode(files))
  const settings = fact.available ? fact.value : undefined
  return settings && Object.fromEntries([...settings.of].map(([name, { values }]) => [name, values]))
}

test('flags as the installer writes them, over lines and in quotes', async () => {
  const exec =
    "ExecStart=/usr/local/bin/k3s \\\n    server \\\n\t'--cluster-init' \\\n\t'--disable' \\\n\t'traefik,servicelb' \\\n\t'--disable=local-storage' \\\n\n"
  expect(await read({ [UNIT]: `[Service]\n${exec}` })).toEqual({
    'cluster-init': ['true'],
    disable: ['traefik', 'servicelb', 'local-storage'],
  })
})

test('a drop-in empties ExecStart and sets another', async () => {
  const files = {
    [UNIT]: '[Service]\nExecStart=/usr/local/bin/k3s server --flannel-backend=none\n',
    [`${UNIT}.d/override.conf`]: '[Service]\nExecStart=\nExecStart=/usr/local/bin/k3s server --debug\n',
  }
  expect(await read(files)).toEqual({ debug: ['true'] })
})

test('values of config.yaml of any kind, and none without the unit of a server', async () => {
  const config = {
    'kube/config/etc/rancher/k3s/config.yaml':
      'debug: true\nhttps-listen-port: 6443\ntls-san: [a, "b,c"]\nodd: {a: 1}\n',
  }
  const start = { [UNIT]: '[Service]\nExecStart=/usr/local/bin/k3s server\n' }
  expect(await read({ ...config, ...start })).toEqual({
    debug: ['true'],
    'https-listen-port': ['6443'],
    'tls-san': ['a', 'b', 'c'],
    odd: [],
  })
  expect(await read(config)).toBeUndefined()
})
