import { describe, expect, test } from 'vitest'
import rule from '../../../analyzer/rules/addresses/interface-down.ts'
import { foundIn } from '../../support/foundIn.ts'

const UP = 'BROADCAST,MULTICAST,UP,LOWER_UP'
const DOWN = 'BROADCAST,MULTICAST'
const NO_CARRIER = 'NO-CARRIER,BROADCAST,MULTICAST,UP'

let index = 0

/** `ip -d addr show` of a device. */
function device(name: string, flags: string, words = '', ...lines: string[]): string {
  index += 1
  const head = `${index}: ${name}: <${flags}> mtu 1500 qdisc noqueue ${words} group default`
  return [head, ...lines.map((line) => `    ${line}`), ''].join('\n')
}

const card = (name: string, flags: string, address: string) =>
  device(
    name,
    flags,
    '',
    'link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff',
    `inet ${address} scope global ${name}`,
  )
const bridge = (flags: string) =>
  device(
    'cni0',
    flags,
    '',
    'link/ether 0a:58:0a:f4:01:01 brd ff:ff:ff:ff:ff:ff',
    'bridge forward_delay 1500',
    'inet 10.244.1.1/24 scope global cni0',
  )
const link = (name: string, flags: string, words = '', netns = 'link-netnsid 0', ...lines: string[]) =>
  device(
    `${name}@if2`,
    flags,
    words,
    `link/ether 0e:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff ${netns}`,
    'veth',
    ...lines,
  )

const ROUTES = 'default via 192.168.50.1 dev eth0\n'

async function tell(devices: readonly string[], files: Record<string, string> = {}) {
  return foundIn(rule, { 'net/ip-addr.txt': devices.join(''), 'net/ip-route.txt': ROUTES, ...files })
}

describe('the interface with the address of the node', () => {
  test('the only one that it has', async () => {
    expect(await tell([card('eth0', DOWN, '192.168.50.11/24')])).toEqual([['eth0', 'critical', 'likely']])
  })

  test('one that k3s names, beside another one that is up', async () => {
    const devices = [card('eth0', NO_CARRIER, '192.168.50.11/24'), card('eth1', UP, '192.168.60.11/24')]
    const config = { 'kube/config/etc/rancher/k3s/config.yaml': 'node-ip: 192.168.50.11\n' }
    expect(await tell(devices, config)).toEqual([['eth0', 'critical', 'certain']])
    expect(await tell(devices)).toBe('clear')
  })

  test('the one that flannel sends by', async () => {
    const tunnel = device(
      'flannel.1',
      UP,
      '',
      'link/ether 02:fe:00:00:00:01 brd ff:ff:ff:ff:ff:ff',
      'vxlan id 1 local 192.168.50.11 dev eth0 srcport 0 0 dstport 8472 nolearning',
    )
    const devices = [card('eth0', DOWN, '192.168.50.11/24'), card('eth1', UP, '192.168.60.11/24')]
    expect(await tell([...devices, tunnel])).toEqual([['eth0', 'critical', 'certain']])
  })

  test.each([
    ['an interface that is up is in the same network', card('eth1', UP, '192.168.50.99/24'), DOWN],
    ['it waits for 802.1X, with a carrier', '', 'NO-CARRIER,BROADCAST,MULTICAST,UP,LOWER_UP'],
    ['a tool that prints neither carrier nor state', '', 'BROADCAST,MULTICAST,UP'],
  ])('%s', async (_, other, flags) => {
    expect(await tell([card('eth0', flags, '192.168.50.11/24'), other])).toBe('clear')
  })
})

describe('the bridge of pods', () => {
  const eth0 = card('eth0', UP, '192.168.50.11/24')

  test.each([
    ['is down under a pod', DOWN, UP, [['cni0', 'critical', 'certain']]],
    ['is down, as is the pod’s far end', DOWN, NO_CARRIER, 'clear'],
    ['has no carrier, for want of pods that answer', NO_CARRIER, NO_CARRIER, 'clear'],
    ['is up', UP, UP, 'clear'],
  ])('%s', async (_, own, port, expected) => {
    expect(await tell([eth0, bridge(own), link('veth11', port, 'master cni0')])).toEqual(expected)
  })

  test('without pods', async () => {
    expect(await tell([eth0, bridge(DOWN)])).toBe('clear')
  })
})

describe('a pod’s link', () => {
  const sound = [
    card('eth0', UP, '192.168.50.11/24'),
    bridge(UP),
    link('veth0a1b2c3d', UP, 'master cni0', 'link-netns cni-0b1c2d3e-0000'),
  ]

  test.each([
    ['is down', link('veth12', DOWN, 'master cni0'), [['cni0/down', 'high', 'likely']]],
    ['is down, and leads nowhere any more', link('veth12', DOWN, 'master cni0', ''), 'clear'],
    [
      'of a pod outside',
      link('veth12', UP, '', 'link-netns cni-0b1c2d3e-0001'),
      [['cni0/outside', 'high', 'likely']],
    ],
    ['of something outside', link('veth12', UP), [['cni0/outside', 'medium', 'possible']]],
    [
      'outside, with an address',
      link('veth12', UP, '', 'link-netnsid 0', 'inet 10.1.1.1/32 scope global veth12'),
      'clear',
    ],
    ['outside, with both ends here', link('veth12', UP, '', ''), 'clear'],
    ['in a bridge of Docker', link('veth12', DOWN, 'master br-0a1b2c3d4e5f'), 'clear'],
    ['is the card of a node in a container', link('eth1', UP), 'clear'],
  ])('%s', async (_, further, expected) => {
    expect(await tell([...sound, further])).toEqual(expected)
  })

  test('outside, with a route', async () => {
    const routes = { 'net/ip-route.txt': `${ROUTES}10.244.9.9 dev veth12 scope link\n` }
    expect(await tell([...sound, link('veth12', UP)], routes)).toBe('clear')
  })

  test('of which no routes were captured', async () => {
    const [eth0 = '', ...others] = sound
    const files = { 'net/ip-addr.txt': [eth0, ...others, link('veth12', UP)].join('') }
    expect(await foundIn(rule, files)).toBe('clear')
  })
})

test('nothing captured', async () => {
  expect(await foundIn(rule, { 'net/ip-route.txt': ROUTES })).toBe('short')
})
