import { expect, test } from 'vitest'
import { bridgeFdb } from '../../analyzer/parsers/bridgeFdb.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { fixture } from '../support/fixture.ts'

test('reads the entries of a bridge and of a VXLAN', () => {
  const { value, unread } = parseText(bridgeFdb, fixture('bridge-fdb/flannel.txt'))
  expect(unread).toEqual([])
  expect(value).toHaveLength(25)
  expect(value[23]).toEqual({
    mac: '02:fe:00:00:00:02',
    device: 'flannel.1',
    dst: '192.168.50.12',
    self: true,
    state: 'permanent',
    offload: false,
    externLearn: false,
    line: { number: 24, text: '02:fe:00:00:00:02 dev flannel.1 dst 192.168.50.12 self permanent' },
  })
  expect(value[9]).toMatchObject({ device: 'cni0', vlan: 1, bridge: 'cni0', self: false, state: 'permanent' })
  expect(value[11]).toMatchObject({ mac: '0a:58:0a:f4:01:02', device: 'veth11', bridge: 'cni0' })
  expect(value[11]).not.toHaveProperty('state')
})

test('reads learnt, static and externally learnt entries with their times', () => {
  const { value, unread } = parseText(bridgeFdb, fixture('bridge-fdb/static-and-learnt.txt'))
  expect(unread).toEqual([])
  const entries = new Map(value.map((entry) => [String(entry.mac), entry]))
  expect(entries.get('02:00:00:00:00:76')).toMatchObject({ state: 'static', bridge: 'br0', self: false })
  expect(entries.get('02:00:00:00:00:74')).toMatchObject({ externLearn: true, bridge: 'br0' })
  expect(entries.get('02:00:00:00:00:75')).toMatchObject({ self: true, state: 'permanent' })
})

test('reads a flood entry with port, VNI and underlay device', () => {
  // bridge(8): `bridge fdb append … dst … port 4789 vni 7 via eth0`
  const text =
    '00:00:00:00:00:00 dev vx0 dst 192.0.2.71 port 4789 vni 7 src_vni 9 via eth0 link-netnsid 0 self permanent offload'
  const { value, unread } = parseText(bridgeFdb, text)
  expect(unread).toEqual([])
  expect(value).toMatchObject([
    { mac: '00:00:00:00:00:00', dst: '192.0.2.71', port: 4789, vni: 7, self: true, offload: true },
  ])
})

test('lists lines that are no entry', () => {
  const { value, unread } = parseText(
    bridgeFdb,
    'Cannot open netlink\n02:00:00:00:00:01 flannel.1\n__proto__ dev x\n02:00:00:00:00:01 dev',
  )
  expect(value).toEqual([])
  expect(unread).toHaveLength(4)
})

test('an empty file has no entries', () => {
  expect(parseText(bridgeFdb, '')).toEqual({ value: [], unread: [] })
})
