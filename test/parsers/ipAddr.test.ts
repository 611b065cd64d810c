import { expect, test } from 'vitest'
import { ipAddr } from '../../analyzer/parsers/ipAddr.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { fixture } from '../support/fixture.ts'

const named = (text: string) => {
  const { value, unread } = parseText(ipAddr, text)
  return { byName: new Map(value.map((each) => [each.name, each])), unread, value }
}

test('reads the addresses of a node with flannel, IP-in-IP and IPVS', () => {
  const { byName, unread } = named(fixture('ip-addr/flannel-ipip-ipvs.txt'))
  expect(unread).toEqual([])
  const eth0 = byName.get('eth0')
  expect(eth0).toMatchObject({ index: 4, peer: 'if4', mtuBytes: 1500, state: 'UP', linkType: 'ether' })
  expect(eth0).toMatchObject({ mac: '02:00:00:00:00:01', linkNetns: 'fab' })
  expect([...(eth0?.flags ?? [])]).toEqual(['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'])
  expect(eth0?.addresses).toMatchObject([
    { address: '192.168.50.11', prefixLength: 24, scope: 'global', label: 'eth0' },
    { address: 'fe80::ff:fe00:1', prefixLength: 64, scope: 'link' },
  ])
  expect(eth0?.addresses[0]?.line.text).toBe('    inet 192.168.50.11/24 scope global eth0')
  expect(eth0?.addresses[1]).not.toHaveProperty('label')
  expect(byName.get('tunl0')).toMatchObject({ peer: 'NONE', linkType: 'ipip', mtuBytes: 1480 })
  expect(byName.get('tunl0')).not.toHaveProperty('mac')
  expect(byName.get('veth11')).toMatchObject({ master: 'cni0' })
  expect(byName.get('kube-ipvs0')?.addresses.map(({ address }) => address)).toEqual([
    '10.96.0.1',
    '10.96.10.10',
    '192.168.50.100',
    '10.96.10.11',
    '10.96.10.12',
    '10.96.10.13',
    '10.96.10.14',
  ])
})

test('reads peers, labels, flags and lifetimes', () => {
  const { byName, unread } = named(fixture('ip-addr/peers-labels-lifetimes.txt'))
  expect(unread).toEqual([])
  expect(byName.get('lo')?.addresses[1]).toMatchObject({
    address: '10.9.9.9',
    prefixLength: 32,
    label: 'lo:1',
  })
  const d0 = byName.get('d0')
  expect(d0).toMatchObject({ peer: 'd0p', kind: 'veth', promiscuity: 1, altNames: ['enp0s31f6'] })
  expect(d0?.flags.has('PROMISC')).toBe(true)
  const flags = new Map(d0?.addresses.map(({ address, flags }) => [String(address), [...flags]]))
  expect(flags.get('198.51.100.7')).toEqual(['dynamic', 'noprefixroute'])
  expect(flags.get('192.0.2.11')).toEqual(['secondary'])
  expect(flags.get('2001:db8::20')).toEqual(['deprecated', 'tentative', 'dynamic'])
  expect(flags.get('192.0.2.10')).toEqual([])
  const far = d0?.addresses.filter(({ peer }) => peer !== undefined)
  expect(far).toMatchObject([
    { address: '192.0.2.20', peer: '192.0.2.21', prefixLength: 32, label: 'd0' },
    { address: '2001:db8:1::1', peer: '2001:db8:1::2', prefixLength: 128 },
  ])
  expect(byName.get('tun0')).toMatchObject({ linkType: 'none', kind: 'tun' })
})

test('reads what BusyBox prints', () => {
  const { byName, unread } = named(fixture('ip-addr/busybox.txt'))
  expect(unread).toEqual([])
  expect(byName.size).toBe(8)
  expect(byName.get('v0')).toMatchObject({
    peer: 'v1',
    master: 'br0',
    mtuBytes: 1500,
    mac: '4a:8b:6b:6b:29:85',
  })
  expect(byName.get('v0')).not.toHaveProperty('state')
  expect(byName.get('d0')?.addresses).toHaveLength(8)
})

test('reads kinds of interfaces', () => {
  const { byName, unread } = named(fixture('ip-link/flannel-ipip-ipvs.txt'))
  expect(unread).toEqual([])
  expect([...byName].map(([name, { kind }]) => [name, kind])).toEqual([
    ['lo', undefined],
    ['dummy0', 'dummy'],
    ['tunl0', 'ipip'],
    ['eth0', 'veth'],
    ['cni0', 'bridge'],
    ['veth11', 'veth'],
    ['veth12', 'veth'],
    ['flannel.1', 'vxlan'],
    ['kube-ipvs0', 'dummy'],
  ])
  expect(byName.get('flannel.1')?.vxlan).toEqual({
    vni: 1,
    local: '192.168.50.11',
    device: 'eth0',
    destinationPort: 8472,
    learning: false,
    external: false,
    line: expect.objectContaining({ number: 25 }),
  })
  expect(byName.get('tunl0')?.tunnel).toEqual({ line: expect.objectContaining({ number: 8 }) })
})

test('marks tunnels whose packets bring their own destination', () => {
  const { value } = parseText(
    ipAddr,
    [
      '5: cilium_vxlan: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500',
      '    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff',
      '    vxlan external id 0 srcport 0 0 dstport 8472 nolearning ttl auto ageing 300',
      '6: genev_sys_6081: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 65000',
      '    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff',
      '    geneve external id 0 ttl auto dstport 6081',
      '7: flannel.1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450',
      '    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff',
      '    vxlan id 1 local 192.0.2.11 dev eth0 srcport 0 0 dstport 8472 nolearning',
    ].join('\n'),
  )
  expect(value.map(({ isExternal }) => isExternal)).toEqual([true, true, undefined])
})

test('reads bridges and their ports', () => {
  const { byName, unread } = named(fixture('ip-link/bridge-ports-hairpin.txt'))
  expect(unread).toEqual([])
  expect(byName.get('cni0')?.bridge).toMatchObject({
    nfCallIptables: false,
    vlanFiltering: false,
    spanningTree: false,
  })
  expect(byName.get('veth09b250cf')).toMatchObject({ kind: 'veth', master: 'cni0', promiscuity: 1 })
  expect(byName.get('veth09b250cf')?.bridgePort).toMatchObject({
    state: 'forwarding',
    hairpin: true,
    isolated: false,
  })
})

test('reads counters of one line and of two', () => {
  const short = named(fixture('ip-link/bridge-ports-hairpin.txt')).byName.get('cni0')
  expect(short?.received).toMatchObject({
    bytes: 6142,
    packets: 104,
    errors: 0,
    dropped: 0,
    missed: 0,
    multicast: 16,
  })
  expect(short?.sent).toMatchObject({ bytes: 12205, packets: 176, carrier: 0, collisions: 0 })
  expect(short?.received?.line.number).toBe(18)

  const { byName, unread } = named(fixture('ip-link/error-counters-altname.txt'))
  expect(unread).toEqual([])
  expect(byName.get('br0')?.received).toMatchObject({ bytes: 76, multicast: 1, crc: 0, overrun: 0 })
  expect(byName.get('br0')?.sent).toMatchObject({ bytes: 328, packets: 4, carrier: 0, transitions: 2 })
  // The altname comes behind the counters there.
  expect(byName.get('d0')?.altNames).toEqual(['enp0s31f6'])
})

test('reads bonds, VLANs, a lent hardware address and virtual functions', () => {
  const { byName, unread, value } = named(
    [
      '2: eth0: <BROADCAST,MULTICAST,SLAVE,UP,LOWER_UP> mtu 1500 qdisc mq master bond0 state UP mode DEFAULT qlen 1000',
      '    link/ether 02:00:00:00:00:aa brd ff:ff:ff:ff:ff:ff permaddr 02:00:00:00:00:02 promiscuity 0 ',
      '    bond_slave state BACKUP mii_status UP link_failure_count 0 perm_hwaddr 02:00:00:00:00:02 queue_id 0 addrgenmode eui64 ',
      '    vf 0     link/ether 02:00:00:00:00:f0 brd ff:ff:ff:ff:ff:ff, spoof checking on, link-state auto, trust off',
      '3: bond0: <BROADCAST,MULTICAST,MASTER,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT qlen 1000',
      '    link/ether 02:00:00:00:00:aa brd ff:ff:ff:ff:ff:ff promiscuity 0 ',
      '    bond mode active-backup active_slave eth1 miimon 100 updelay 0 addrgenmode eui64 ',
      '4: bond0.100@bond0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT qlen 1000',
      '    link/ether 02:00:00:00:00:aa brd ff:ff:ff:ff:ff:ff promiscuity 0 ',
      '    vlan protocol 802.1Q id 100 <REORDER_HDR> addrgenmode eui64 ',
    ].join('\n'),
  )
  expect(unread).toEqual([])
  expect(value).toHaveLength(3)
  expect(byName.get('eth0')).toMatchObject({
    master: 'bond0',
    permanentMac: '02:00:00:00:00:02',
    mac: '02:00:00:00:00:aa',
  })
  expect(byName.get('eth0')?.bondSlave).toMatchObject({ state: 'BACKUP', permanentMac: '02:00:00:00:00:02' })
  expect(byName.get('eth0')).not.toHaveProperty('kind')
  expect(byName.get('bond0')?.bond).toMatchObject({ mode: 'active-backup', activeSlave: 'eth1' })
  expect(byName.get('bond0.100')).toMatchObject({
    kind: 'vlan',
    peer: 'bond0',
    vlan: { id: 100, protocol: '802.1Q' },
  })
})

test('reads the older iproute2, which prints neither group nor qlen, and a comment behind an address', () => {
  const { value, unread } = named(
    [
      '2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast state UP qlen 1000',
      '    link/ether 02:00:00:00:00:02 brd ff:ff:ff:ff:ff:ff',
      '    inet 192.0.2.2/24 brd 192.0.2.255 scope global eth0 # the wrong one',
      '    RX: bytes  packets  errors  dropped overrun mcast   ',
      '    1000       20       3       4       5       6      ',
    ].join('\n'),
  )
  expect(unread).toEqual([])
  expect(value[0]?.addresses).toMatchObject([{ address: '192.0.2.2', label: 'eth0', flags: new Set() }])
  expect(value[0]?.received).toMatchObject({ bytes: 1000, errors: 3, dropped: 4, overrun: 5, multicast: 6 })
})

test('lists lines that are no part of the output', () => {
  const { value, unread } = named(
    [
      '    inet 10.0.0.1/8 scope host lo',
      'Device "eth7" does not exist.',
      '1: __proto__: <LOOPBACK> mtu 99999999999999999999999 qdisc noqueue',
      '    inet 300.0.0.1/8 scope host lo',
      '    inet 10.0.0.1/64 scope host lo',
      '    inet 2001:db8::1/64 scope host lo',
      '    constructor',
      '    RX: bytes packets',
      '    many      1',
    ].join('\n'),
  )
  expect(value).toHaveLength(1)
  expect(value[0]).toMatchObject({ name: '__proto__', addresses: [] })
  expect(value[0]).not.toHaveProperty('received')
  expect(unread.map((line) => line.number)).toEqual([1, 2, 4, 5, 6, 7, 9])
})

test('an empty file has no interfaces', () => {
  expect(parseText(ipAddr, '')).toEqual({ value: [], unread: [] })
})
