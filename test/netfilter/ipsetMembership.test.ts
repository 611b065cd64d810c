import { expect, test } from 'vitest'
import { ipsetMembership } from '../../analyzer/netfilter/ipsetMembership.ts'
import { NO_MARK, type Packet } from '../../analyzer/netfilter/packet.ts'
import { ipsetSave } from '../../analyzer/parsers/ipsetSave.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { address } from '../support/known.ts'

const SETS = parseText(
  ipsetSave,
  `create KUBE-CLUSTER-IP hash:ip,port family inet hashsize 1024 maxelem 65536
add KUBE-CLUSTER-IP 10.96.0.10,tcp:53
add KUBE-CLUSTER-IP 10.96.0.10,udp:53
create KUBE-NODE-PORT-TCP bitmap:port range 0-65535
add KUBE-NODE-PORT-TCP 53
create nodes hash:net family inet hashsize 1024 maxelem 65536
add nodes 192.168.50.0/24
create hosts hash:ip family inet hashsize 1024 maxelem 65536
add hosts 10.96.0.10
create both list:set size 8
add both hosts
add both nodes
create loop list:set size 8
add loop loop
create empty hash:ip family inet hashsize 1024 maxelem 65536
create devices hash:net,iface family inet hashsize 1024 maxelem 65536
add devices 192.168.50.0/24,eth0
create ranges hash:ip,port family inet hashsize 1024 maxelem 65536
add ranges 10.96.0.10,tcp:50-60
create holes hash:net family inet hashsize 1024 maxelem 65536
add holes 10.96.0.10 nomatch
`,
).value

const PACKET: Packet = {
  source: address('192.168.50.11'),
  destination: address('10.96.0.10'),
  protocol: 'tcp',
  destinationPort: 53,
  ctstate: 'NEW',
  isDnat: false,
  mark: NO_MARK,
}

// ipset(8): each part of the set's type is compared with the side of the packet that the match names for it.
test.each([
  ['KUBE-CLUSTER-IP', 'dst,dst', true],
  ['KUBE-CLUSTER-IP', 'src,dst', false],
  ['KUBE-CLUSTER-IP', 'dst,src', undefined],
  ['KUBE-CLUSTER-IP', 'dst', false],
  ['KUBE-NODE-PORT-TCP', 'dst', true],
  ['KUBE-NODE-PORT-TCP', 'src', undefined],
  ['nodes', 'src', true],
  ['nodes', 'dst', false],
  ['both', 'src', true],
  ['both', 'dst', true],
  ['loop', 'src', undefined],
  ['empty', 'src', false],
  ['devices', 'src,src', undefined],
  ['devices', 'dst,src', false],
  ['ranges', 'dst,dst', true],
  ['holes', 'dst', undefined],
  ['no-such-set', 'dst', undefined],
])('%s %s: %s', (name, directions, expected) => {
  const sides = directions.split(',').map((side) => (side === 'src' ? 'src' : 'dst'))
  expect(ipsetMembership(SETS, { name, directions: sides }, PACKET)).toBe(expected)
})

test('ports of another protocol, and other ports', () => {
  const match = { name: 'KUBE-CLUSTER-IP', directions: ['dst', 'dst'] } as const
  expect(ipsetMembership(SETS, match, { ...PACKET, protocol: 'udp' })).toBe(true)
  expect(ipsetMembership(SETS, match, { ...PACKET, protocol: 'sctp' })).toBe(false)
  expect(ipsetMembership(SETS, match, { ...PACKET, destinationPort: 54 })).toBe(false)
})
