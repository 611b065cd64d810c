import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/configuration/k3s-config-inconsistent.ts'
import { checkRule } from '../../support/checkRule.ts'

const unit = (name: string, command: string) => ({
  [`kube/config/etc/systemd/system/${name}.service`]: `[Service]\nExecStart=${command}\n`,
})
const k3s = (flags: string) => unit('k3s', `/usr/local/bin/k3s server ${flags}`)
const rke2 = (flags: string) => unit('rke2-server', `/usr/local/bin/rke2 server ${flags}`)
const JOIN = '--server https://192.168.50.11:6443'

/** What is said of a server that joins another one, whose flags these are. */
async function joining(first: Readonly<Record<string, string>>, own: Readonly<Record<string, string>>) {
  const result = await checkRule(rule, { 'node-2': own, 'node-1': first })
  if (result.state !== 'found') return result.state
  return result.findings.map(({ subject, confidence, title }) => `${subject} ${confidence} ${title}`)
}

test('what nothing tells to be of one cluster is possible only', async () => {
  expect(await joining(k3s('--cluster-cidr=10.52.0.0/16'), k3s(JOIN))).toEqual([
    ' possible k3s servers node-2 and node-1 differ in cluster-cidr',
  ])
})

test('DNS is the tenth address of the Services, and servicelb is for all', async () => {
  const first = k3s('--service-cidr 10.53.0.0/16 --disable traefik,servicelb')
  expect(
    await joining(
      first,
      k3s(`${JOIN} --service-cidr=10.53.0.0/16 --cluster-dns=10.53.0.10 --disable=servicelb`),
    ),
  ).toBe('clear')
  expect(await joining(first, k3s(`${JOIN} --service-cidr=10.53.0.0/16`))).toEqual([
    ' possible k3s servers node-2 and node-1 differ in disable=servicelb',
  ])
})

test('rke2 encrypts by default, k3s does not', async () => {
  expect(await joining(rke2('--secrets-encryption=true'), rke2(JOIN))).toBe('clear')
  expect(await joining(k3s('--secrets-encryption'), k3s(JOIN))).toHaveLength(1)
  expect(await joining(rke2('--flannel-backend=none'), k3s(JOIN))).toBe('unchecked')
})

test('drop-ins of config.yaml replace or add, and the unit counts most', async () => {
  const folder = 'kube/config/etc/rancher/k3s/config.yaml'
  const own = {
    [folder]: 'flannel-backend: host-gw\ndisable: traefik\n',
    [`${folder}.d/10-more.yaml`]: 'flannel-backend: wireguard-native\ndisable+:\n  - servicelb\n',
    ...k3s(JOIN),
  }
  expect(await joining(k3s('--flannel-backend wireguard-native --disable servicelb'), own)).toBe('clear')
  expect(await joining(k3s('--flannel-backend=host-gw --disable servicelb'), own)).toHaveLength(1)
})

test('a refusal in the log makes the difference likely, and stands alone where nothing was compared', async () => {
  const log = {
    'journal/k3s.txt':
      'level=fatal msg="unable to join cluster due to critical configuration value mismatch"\n',
  }
  expect(await joining(k3s('--flannel-backend=none'), { ...k3s(JOIN), ...log })).toEqual([
    ' likely k3s servers node-2 and node-1 differ in flannel-backend',
  ])
  expect(await joining({}, log)).toEqual([
    'refused possible node-2 is not let into the cluster of its server: their configurations differ',
  ])
})

test('an agent, and a lone server', async () => {
  expect(await joining({}, unit('k3s-agent', '/usr/local/bin/k3s agent'))).toBe('not-applicable')
  expect(await joining({}, k3s(''))).toBe('unchecked')
})
