import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/configuration/k3s-node-ip-not-on-host.ts'
import { checkRule } from '../../support/checkRule.ts'

const CONFIG = 'kube/config/etc/rancher/k3s/config.yaml'
const unit = (name: string, command: string) => ({
  [`kube/config/etc/systemd/system/${name}.service`]: `[Service]\nExecStart=/usr/local/bin/${command}\n`,
})
const server = (flags = '') => unit('k3s', `k3s server ${flags}`)
const agent = (flags = '') => unit('k3s-agent', `k3s agent ${flags}`)
const device = (name: string, ...lines: string[]) =>
  `2: ${name}: <BROADCAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default\n    link/ether 02:00:00:00:00:11 brd ff:ff:ff:ff:ff:ff\n${lines.map((line) => `    ${line} scope global ${name}\n`).join('')}`
const ETH0 = { 'net/ip-addr.txt': device('eth0', 'inet 192.168.50.11/24', 'inet6 fd00:50::11/64') }
const LATE = { 'meta/node.txt': 'started_utc=1795220880\nfinished_utc=1795220886\ntimezone=UTC\n' }
const line = (message: string) => `2026-11-21T00:27:06.000000+0000 node-1 k3s[1]: ${message}\n`

const sysctl = (value: number) => ({
  'sysctl/values.txt': `net.ipv4.ip_nonlocal_bind = ${value}\n`,
})
const refused = (message: string) => ({ ...LATE, 'journal/k3s.txt': line(message) })

async function judged(...files: Readonly<Record<string, string>>[]) {
  const result = await checkRule(rule, { 'node-1': Object.assign({}, ETH0, ...files) })
  if (result.state !== 'found') return result.state
  return result.findings.map(({ confidence, title }) => `${confidence} ${title}`)
}

test('of several addresses those are told that the host lacks, by agents and by both families', async () => {
  expect(await judged(agent('--node-ip 192.168.50.11,fd00:50::99'))).toEqual([
    'likely node-ip of node-1 is fd00:50::99, which none of its interfaces has',
  ])
  expect(await judged(agent('-i 10.0.0.5'))).toHaveLength(1)
  expect(await judged(unit('rke2-agent', 'rke2 agent --node-ip=192.168.50.11'))).toBe('clear')
})

test('a flag counts before config.yaml, and a configuration without a unit is nobody’s', async () => {
  const config = { [CONFIG]: 'node-ip: 10.0.0.5\n' }
  expect(await judged(server(), config)).toHaveLength(1)
  expect(await judged(server('--node-ip 192.168.50.11'), config)).toBe('clear')
  expect(await judged(server('--config /opt/k3s.yaml'), config)).toBe('clear')
  expect(await judged(config)).toBe('not-applicable')
})

test('the kubelet’s own argument counts before node-ip', async () => {
  expect(await judged(server('--node-ip 10.0.0.5 --kubelet-arg node-ip=0.0.0.0'))).toBe('clear')
  expect(await judged(server('--kubelet-arg=node-ip=10.0.0.5'))).toEqual([
    'likely kubelet-arg node-ip of node-1 is 10.0.0.5, which none of its interfaces has',
  ])
})

test('a listener’s address may come later only where the kernel allows it, and is no matter of agents', async () => {
  const told = 'bind-address of node-1 is 10.0.0.5, which none of its interfaces has'
  expect(await judged(server('--bind-address=10.0.0.5'))).toEqual([`possible ${told}`])
  expect(await judged(server('--bind-address=10.0.0.5'), sysctl(0))).toEqual([`likely ${told}`])
  expect(await judged(server('--bind-address=10.0.0.5'), sysctl(1))).toBe('clear')
  expect(await judged(server('--bind-address=127.0.0.1'), sysctl(0))).toBe('clear')
})

test('a network of its own, and interfaces that are not the host’s', async () => {
  expect(await judged(server('--node-ip=10.0.0.5 --rootless'))).toBe('not-applicable')
  expect(await judged(server('--node-ip=10.0.0.5 --rootless=false'))).toHaveLength(1)
  expect(await judged(agent('--node-ip=10.0.0.5 --vpn-auth-file=/etc/vpn'))).toBe('not-applicable')
  expect(await judged(agent('--node-ip=10.0.0.5'), { 'net/ip-addr.txt': device('eth0') })).toBe('unchecked')
})

test('etcd that cannot listen makes it certain; of an address that no option names the kubelet alone tells', async () => {
  const bind = (address: string) =>
    refused(`level=fatal msg="listen tcp ${address}:2380: bind: cannot assign requested address"`)
  expect(await judged(server('--node-ip=10.0.0.5'), bind('10.0.0.5'))).toEqual([
    'certain node-ip of node-1 is 10.0.0.5, which none of its interfaces has',
  ])
  expect(await judged(server(), bind('10.0.0.5'))).toBe('clear')
  const status = 'failed to validate nodeIP: node IP: "10.0.0.5" not found in the host\'s network interfaces'
  expect(await judged(server(), refused(status))).toEqual([
    'certain k3s on node-1 goes on with 10.0.0.5, which the node has no more',
  ])
})
