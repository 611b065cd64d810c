import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/cni/cni-stale-veth.ts'
import { foundIn } from '../../support/foundIn.ts'

const BRIDGE =
  '3: cni0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000\n' +
  '    link/ether 0a:58:0a:f4:01:01 brd ff:ff:ff:ff:ff:ff\n    inet 10.244.1.1/24 scope global cni0\n'
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

/** Ports of cni0: so many with a carrier, and so many without. */
function ports(up: number, down: number): string {
  const rows = numbers(up + down).map((number) => {
    const [flags, state] = number <= up ? ['UP,LOWER_UP', 'UP'] : ['NO-CARRIER,UP,M-DOWN', 'LOWERLAYERDOWN']
    return `${number + 10}: veth${String(number).padStart(8, '0')}@if2: <${flags}> mtu 1500 qdisc noqueue master cni0 state ${state}\n`
  })
  return BRIDGE + rows.join('')
}

const sandboxes = (count: number) =>
  JSON.stringify({ items: numbers(count).map((number) => ({ id: String(number).padStart(64, '0') })) })

/** The API server's pods of the node: so many with a network of their own, so many with the node's. */
const pods = (own: number, onHost: number) => ({
  'kube/api/nodes.json': '{"items":[{"kind":"Node","metadata":{"name":"node-1"}}]}',
  'kube/api/pods.json': JSON.stringify({
    items: numbers(own + onHost).map((number) => ({
      metadata: { name: `pod-${number}`, namespace: 'default' },
      spec: { nodeName: 'node-1', hostNetwork: number > own, containers: [] },
      status: { phase: 'Running' },
    })),
  }),
})

const judged = (addr: string, more: Record<string, string> = {}) =>
  foundIn(rule, { 'net/ip-addr.txt': addr, ...more })

test('more than five links beyond the sandboxes are too many', async () => {
  const list = { 'runtime/crictl-pods.json': sandboxes(4) }
  expect(await judged(ports(9, 0), list)).toBe('clear')
  expect(await judged(ports(10, 0), list)).toEqual([['cni0', 'low', 'likely']])
})

test('sandboxes in the node’s own network have no link', async () => {
  const list = { 'runtime/crictl-pods.json': sandboxes(6) }
  expect(await judged(ports(10, 0), list)).toBe('clear')
  expect(await judged(ports(10, 0), { ...list, ...pods(4, 2) })).toEqual([['cni0', 'low', 'likely']])
})

test('pods that the API server does not know may run, unless their links are down', async () => {
  expect(await judged(ports(10, 0), pods(4, 2))).toEqual([['cni0', 'low', 'possible']])
  expect(await judged(ports(4, 6), pods(4, 2))).toEqual([['cni0', 'low', 'likely']])
})

test('without any list only links without a carrier tell something', async () => {
  expect(await judged(ports(20, 5))).toBe('unchecked')
  expect(await judged(ports(20, 6))).toEqual([['cni0', 'low', 'possible']])
})

test('a bridge that is nearly full is worse', async () => {
  expect(await judged(ports(950, 0), { 'runtime/crictl-pods.json': sandboxes(100) })).toEqual([
    ['cni0', 'medium', 'likely'],
  ])
})

test('a link of Calico without a route is idle, where others have one', async () => {
  const links = numbers(7)
    .map((number) => `${number + 10}: cali5c0de0000${number}@if2: <UP,LOWER_UP> mtu 1500 state UP\n`)
    .join('')
  expect(
    await judged(links, { 'net/ip-route.txt': '10.245.1.131 dev cali5c0de00001 scope link \n' }),
  ).toEqual([['cali', 'low', 'possible']])
  expect(await judged(links, { 'net/ip-route.txt': '' })).toBe('unchecked')
})

const log = (day: string) => ({
  'journal/kubelet.txt': `${day}T23:50:00.000000+0000 node-1 kubelet[812]: failed to setup network for sandbox "4eb5": plugin type="ptp" failed (add): container veth name provided (eth0) already exists\n`,
})

test('a plugin that finds the link there is told by the log alone', async () => {
  expect(await judged('', log('2026-11-20'))).toEqual([['names', 'medium', 'likely']])
  expect(await judged('', log('2026-11-15'))).toEqual([['names', 'medium', 'possible']])
  expect(await judged(BRIDGE)).toBe('not-applicable')
})
