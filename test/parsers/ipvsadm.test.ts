import { describe, expect, test } from 'vitest'
import { type IpvsTable, ipvsadm } from '../../analyzer/parsers/ipvsadm.ts'
import { ipvsadmStats } from '../../analyzer/parsers/ipvsadmStats.ts'
import { ipvsadmTimeouts } from '../../analyzer/parsers/ipvsadmTimeouts.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { procIpVs } from '../../analyzer/parsers/procIpVs.ts'
import { fixture } from '../support/fixture.ts'

/** What ipvsadm 1.31 prints on a kernel without IPVS. */
const NO_IPVS = `modprobe: FATAL: Module ip_vs not found in directory /lib/modules/6.1.0
Can't initialize ipvs: Protocol not available
Are you sure that IP Virtual Server is built in the kernel or as module?
`

/** Services and servers in an order of their own, as `TCP 10.96.0.1:443 > 192.168.50.11:6443 Masq 1`. */
function endpoints(table: IpvsTable): string[] {
  const lines = table.services.flatMap(({ protocol, address, port, servers }) => {
    const service = `${protocol} ${address}:${port}`
    return [
      service,
      ...servers.map(
        (server) => `${service} > ${server.address}:${server.port} ${server.forward} ${server.weight}`,
      ),
    ]
  })
  return lines.toSorted((a, b) => (a < b ? -1 : 1))
}

describe('ipvsadm -Ln', () => {
  test('reads the services of kube-proxy', () => {
    const { value, unread } = parseText(ipvsadm, fixture('ipvsadm/kube-proxy.txt'))
    expect(unread).toEqual([])
    expect(value).toMatchObject({ supported: true, version: '1.2.1', connectionTableSize: 4096 })
    expect(value.services[0]).toMatchObject({
      protocol: 'TCP',
      address: '192.168.50.11',
      port: 30090,
      servers: [],
    })
    expect(value.services[3]).toMatchObject({
      address: '10.96.10.10',
      scheduler: 'rr',
      servers: [
        { address: '10.244.1.2', port: 8080, forward: 'Masq', weight: 1, active: 0, inactive: 1 },
        { address: '10.244.2.2', inactive: 1 },
        { address: '10.244.3.2', active: 2, inactive: 0, line: { number: 14 } },
      ],
    })
    const sticky = value.services.find(({ address, port }) => address === '10.96.10.14' && port === 80)
    expect(sticky).toMatchObject({ persistentSeconds: 10800, flags: [] })
  })

  test('the -S form and /proc/net/ip_vs give the same services', () => {
    const listed = endpoints(parseText(ipvsadm, fixture('ipvsadm/kube-proxy.txt')).value)
    const saved = parseText(ipvsadm, fixture('ipvsadm/kube-proxy-saved.txt'))
    const proc = parseText(procIpVs, fixture('proc-ip-vs/kube-proxy.txt'))
    expect([...saved.unread, ...proc.unread]).toEqual([])
    expect(listed).toContain('UDP 10.96.10.10:80 > 10.244.1.2:8080 Masq 1')
    expect(endpoints(saved.value)).toEqual(listed)
    expect(endpoints(proc.value)).toEqual(listed)
    expect(saved.value.services.find(({ persistentSeconds }) => persistentSeconds === 10800)?.address).toBe(
      '10.96.10.14',
    )
  })

  test('IPv6, firewall marks and flags (ipvsadm.c, print_service_entry)', () => {
    const { value, unread } = parseText(
      ipvsadm,
      [
        'TCP  [fd00::1]:443 wlc persistent 600 mask 64 ops',
        '  -> [fd00:10:244::2]:6443        Tunnel  0      0          7         ',
        'SCTP 192.0.2.1:36412 mh',
        '  -> 192.0.2.9:36412              Route   1      0          0         ',
        'FWM  5 IPv6 rr',
        'FWM  5 rr',
        '  -> 192.0.2.10:0                 Local   1      0          0         ',
      ].join('\n'),
    )
    expect(unread).toEqual([])
    expect(value.services).toMatchObject([
      {
        address: 'fd00::1',
        port: 443,
        persistentSeconds: 600,
        flags: ['mask', '64', 'ops'],
        servers: [{ address: 'fd00:10:244::2', port: 6443, forward: 'Tunnel', weight: 0, inactive: 7 }],
      },
      { protocol: 'SCTP', servers: [{ forward: 'Route' }] },
      { protocol: 'FWM', firewallMark: 5, family: 'IPv6', servers: [] },
      { protocol: 'FWM', firewallMark: 5, family: 'IPv4', servers: [{ port: 0, forward: 'Local' }] },
    ])
    const saved = parseText(
      ipvsadm,
      '-A -f 5 -6 -s rr\n-a -f 5 -6 -r [fd00::2]:0 -i -w 3\n-A -t 192.0.2.1:80 -s sh -o\n',
    )
    expect(saved.unread).toEqual([])
    expect(saved.value.services).toMatchObject([
      { family: 'IPv6', servers: [{ address: 'fd00::2', forward: 'Tunnel', weight: 3 }] },
      { scheduler: 'sh', flags: ['ops'] },
    ])
  })

  test('a kernel without IPVS is told from one without services', () => {
    expect(parseText(ipvsadm, NO_IPVS)).toMatchObject({
      value: { supported: false, services: [] },
      unread: [],
    })
    expect(parseText(ipvsadm, 'IP Virtual Server version 1.2.1 (size=4096)\n').value.supported).toBe(true)
    expect(parseText(ipvsadmStats, NO_IPVS)).toMatchObject({ value: { supported: false }, unread: [] })
    expect(parseText(ipvsadmTimeouts, NO_IPVS)).toEqual({ value: {}, unread: [] })
  })

  test('lists lines that are no service', () => {
    const lines = [
      '  -> 10.0.0.1:80 Masq 1 0 0',
      'TCP  node-1:http rr',
      'TCP  10.0.0.1:99999 rr',
      'TCP  10.0.0.1:80',
      'TCP  10.0.0.1:80 rr persistent',
      '-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m -w 1',
      '-A -t',
    ]
    const { value, unread } = parseText(ipvsadm, lines.join('\n'))
    expect(value.services).toEqual([])
    expect(unread.map(({ text }) => text)).toEqual(lines)
  })
})

test('/proc/net/ip_vs in IPv6, marks, and times it does not tell', () => {
  const { value, unread } = parseText(
    procIpVs,
    [
      'TCP  [fd00:0000:0000:0000:0000:0000:0000:0001]:01BB rr',
      '  -> [fd00:0000:0000:0000:0000:0000:0000:0002]:192B      Masq    1      0          0         ',
      'FWM  0000000A wlc persistent 2700000 FFFFFFFF',
    ].join('\n'),
  )
  expect(unread).toEqual([])
  expect(value.services).toMatchObject([
    { address: 'fd00::1', port: 443, servers: [{ address: 'fd00::2', port: 6443 }] },
    { protocol: 'FWM', firewallMark: 10, flags: ['persistent', '2700000', 'FFFFFFFF'] },
  ])
  expect(value.services[1]).not.toHaveProperty('persistentSeconds')
  expect(parseText(procIpVs, 'TCP  0A:1 rr\n  -> 0AF40203:1F90 Masq 1 0 0\nFWM  x rr').unread).toHaveLength(3)
})

describe('ipvsadm -Ln --stats', () => {
  test('reads a real listing', () => {
    const { value, unread } = parseText(ipvsadmStats, fixture('ipvsadm-stats/kube-proxy.txt'))
    expect(unread).toEqual([])
    expect(value.services[1]).toMatchObject({ address: '192.168.50.100', port: 80, connections: 0 })
    expect(value.services[1]?.servers).toHaveLength(3)
  })

  test('large values have a decimal suffix (ipvsadm.c, print_largenum)', () => {
    const text =
      'TCP  10.96.0.1:443                99999999  123456K    9876M      12G       3T\n  -> 10.0.0.1:6443  1 2 3 4 5\n'
    expect(parseText(ipvsadmStats, text).value.services).toMatchObject([
      {
        connections: 99_999_999,
        inPackets: 123_456_000,
        outPackets: 9_876_000_000,
        inBytes: 12e9,
        outBytes: 3e12,
        servers: [{ address: '10.0.0.1', port: 6443, outBytes: 5 }],
      },
    ])
    expect(
      parseText(
        ipvsadmStats,
        'TCP 10.0.0.1:80 1 2 3 4\n  -> 10.0.0.1:80 1 2 3 4 5\nTCP 10.0.0.1:80 1 2 3 4 5Q',
      ).unread,
    ).toHaveLength(3)
  })
})

test('ipvsadm -Ln --timeout', () => {
  const text = 'Timeout (tcp tcpfin udp): 900 120 300'
  expect(parseText(ipvsadmTimeouts, `${text}\n`)).toEqual({
    value: { tcpSeconds: 900, tcpFinSeconds: 120, udpSeconds: 300, line: { number: 1, text } },
    unread: [],
  })
  expect(parseText(ipvsadmTimeouts, 'Timeout: 900').unread).toHaveLength(1)
})
