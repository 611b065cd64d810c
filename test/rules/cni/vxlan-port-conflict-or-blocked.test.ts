import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/cni/vxlan-port-conflict-or-blocked.ts'
import { checkRule } from '../../support/checkRule.ts'
import { type FlannelEdit, tellOfFlannel } from '../../support/flannelNodes.ts'
import { foundIn } from '../../support/foundIn.ts'

/** A VXLAN device as `ip -d addr` shows it. */
function device(name: string, details: string, isUp: boolean, index = 4): string {
  const flags = isUp ? 'BROADCAST,MULTICAST,UP,LOWER_UP' : 'BROADCAST,MULTICAST'
  return [
    `${index}: ${name}: <${flags}> mtu 1450 qdisc noop state ${isUp ? 'UNKNOWN' : 'DOWN'} group default qlen 1000`,
    '    link/ether 02:fe:00:00:00:01 brd ff:ff:ff:ff:ff:ff',
    `    vxlan ${details} srcport 0 0 dstport 8472 nolearning ttl auto ageing 300`,
    '',
  ].join('\n')
}

const FLANNEL = 'id 1 local 192.168.50.11 dev eth0'
const DOWN = { 'net/ip-addr.txt': device('flannel.1', FLANNEL, false) }

function socket(local: string, users = 'users:(("dns",pid=77,fd=3))'): string {
  return `Netid State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\nudp UNCONN 0 0 ${local}:8472 0.0.0.0:* ${users}\n`
}

test.each([
  ['every address', '0.0.0.0', 'certain'],
  ['both families', '*', 'certain'],
  ['the loopback address alone: the kernel asks for all', '127.0.0.1', 'certain'],
  ['what may be IPv6 alone', '[::]', 'likely'],
])('a process has the port on %s', async (_, local, confidence) => {
  const found = await foundIn(rule, { ...DOWN, 'net/ss-listen.txt': socket(local) })
  expect(found).toEqual([['flannel.1/8472', 'critical', confidence]])
})

test('an address of the other family is none of the device’s', async () => {
  expect(await foundIn(rule, { ...DOWN, 'net/ss-listen.txt': socket('[fd00::7]') })).toBe('clear')
})

test('a socket whose process was not to be seen', async () => {
  const found = await foundIn(rule, { ...DOWN, 'net/ss-listen.txt': socket('0.0.0.0', '') })
  expect(found).toEqual([['flannel.1/8472', 'critical', 'likely']])
})

test('a device is down, and the sockets were not captured, or not as a whole', async () => {
  expect(await foundIn(rule, DOWN)).toBe('unchecked')
  const files = { 'node-1': { ...DOWN, 'net/ss-listen.txt': socket('127.0.0.1').replaceAll('8472', '53') } }
  expect((await checkRule(rule, files, { 'net/ss-listen.txt': 'truncated' })).state).toBe('unchecked')
})

test('devices that open the port in one way share it; one that is down is down by itself', async () => {
  const both = device('flannel.1', FLANNEL, false) + device('vxlan.lab', 'id 9 local 192.168.50.11', true, 5)
  expect(await foundIn(rule, { 'net/ip-addr.txt': both })).toBe('clear')
  const policy = both.replace('id 9', 'id 9 gbp')
  expect(await foundIn(rule, { 'net/ip-addr.txt': policy })).toEqual([
    ['flannel.1/8472', 'critical', 'likely'],
  ])
})

test('flannel’s device is down beside a Cilium that runs: it may be left over', async () => {
  const cilium = [
    device('flannel.1', FLANNEL, false),
    device('cilium_vxlan', 'external id 0', true, 5),
    '6: cilium_host@cilium_net: <BROADCAST,MULTICAST,NOARP,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP\n',
  ].join('')
  expect(await foundIn(rule, { 'net/ip-addr.txt': cilium })).toEqual([['flannel.1/8472', 'high', 'possible']])
})

test('a node without VXLAN', async () => {
  const eth0 = '2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP\n'
  expect(await foundIn(rule, { 'net/ip-addr.txt': eth0 })).toBe('not-applicable')
})

const OTHER_PORT: FlannelEdit = ['node-2/net/ip-addr.txt', 'dstport 8472', 'dstport 4789']

test('ports that differ, but for entries that bring their own', async () => {
  const result = await tellOfFlannel(rule, [OTHER_PORT])
  expect(result).toMatchObject({
    state: 'found',
    findings: [{ subject: 'ports/1', confidence: 'certain', nodes: ['node-1', 'node-2'] }],
  })
  const byEntry: FlannelEdit = [
    'node-1/net/bridge-fdb.txt',
    'dst 192.168.50.12',
    'dst 192.168.50.12 port 4789',
  ]
  expect((await tellOfFlannel(rule, [OTHER_PORT, byEntry]))?.state).toBe('clear')
})

const OTHER_IDENTIFIER: FlannelEdit = ['node-2/net/ip-addr.txt', 'vxlan id 1 ', 'vxlan id 2 ']

test('identifiers that differ, but for entries that bring their own', async () => {
  expect(await tellOfFlannel(rule, [OTHER_IDENTIFIER])).toMatchObject({
    state: 'found',
    findings: [
      { subject: 'identifiers', severity: 'critical', confidence: 'certain', nodes: ['node-1', 'node-2'] },
    ],
  })
  const byEntry: readonly FlannelEdit[] = [
    ['node-1/net/bridge-fdb.txt', 'dst 192.168.50.12', 'dst 192.168.50.12 vni 2'],
    ['node-2/net/bridge-fdb.txt', 'dst 192.168.50.11', 'dst 192.168.50.11 vni 1'],
  ]
  expect((await tellOfFlannel(rule, [OTHER_IDENTIFIER, ...byEntry]))?.state).toBe('clear')
})

test('one side that leads to the other is enough', async () => {
  const noWayBack: FlannelEdit = [
    'node-2/net/ip-route.txt',
    '10.244.1.0/24 via 10.244.1.0',
    '10.9.0.0/24 via 10.9.0.0',
  ]
  expect((await tellOfFlannel(rule, [OTHER_IDENTIFIER, noWayBack]))?.state).toBe('found')
})

test('a device of the former identifier that is left over beside the one in use', async () => {
  const leftOver = device('flannel.9', 'id 9 local 192.168.50.11 dev eth0', true, 9).replace(
    /dstport[^]*/,
    'dstport 8472 nolearning\n    inet 10.244.1.0/32 scope global flannel.9\n',
  )
  const edits: readonly FlannelEdit[] = [
    ['node-1/net/ip-addr.txt', '4: flannel.1:', `${leftOver}4: flannel.1:`],
    [
      'node-1/net/ip-neigh.txt',
      '10.244.2.0 dev flannel.1',
      '10.244.2.0 dev flannel.9 lladdr 02:fe:00:00:00:02 PERMANENT\n10.244.2.0 dev flannel.1',
    ],
    [
      'node-1/net/bridge-fdb.txt',
      '02:fe',
      '02:fe:00:00:00:02 dev flannel.9 dst 192.168.50.12 self permanent\n02:fe',
    ],
  ]
  expect((await tellOfFlannel(rule, edits))?.state).toBe('clear')
})

test('devices of different networks need have neither one port nor one identifier', async () => {
  const strangers: readonly FlannelEdit[] = [
    ['node-1/net/ip-neigh.txt', '02:fe:00:00:00:02', '02:fe:00:00:77:02'],
    ['node-1/net/bridge-fdb.txt', '02:fe:00:00:00:02', '02:fe:00:00:77:02'],
    ['node-2/net/ip-neigh.txt', '02:fe:00:00:00:01', '02:fe:00:00:77:01'],
    ['node-2/net/bridge-fdb.txt', '02:fe:00:00:00:01', '02:fe:00:00:77:01'],
  ]
  const result = await tellOfFlannel(rule, [OTHER_PORT, OTHER_IDENTIFIER, ...strangers])
  expect(result?.state).toBe('clear')
})

const stopped = (time: string) =>
  `${time} node-1 k3s[812]: time="x" level=fatal msg="flannel exited: operation not supported"\n`

test('a log line of a day ago tells nothing of now', async () => {
  const files = { 'net/ip-addr.txt': device('flannel.1', FLANNEL, true) }
  const told = async (time: string) => foundIn(rule, { ...files, 'journal/k3s.txt': stopped(time) })
  expect(await told('2026-11-20T23:59:41.102334+00:00')).toEqual([['unsupported', 'high', 'possible']])
  expect(await told('2026-11-18T23:59:41.102334+00:00')).toBe('clear')
})
