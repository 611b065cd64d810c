import { expect, test } from 'vitest'
import { ssListen } from '../../analyzer/parsers/ssListen.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { fixture } from '../support/fixture.ts'

test('reads TCP alone, without the Netid column', () => {
  const { value, unread } = parseText(ssListen, fixture('ss-listen/control-plane-tcp.txt'))
  expect(unread).toEqual([])
  expect(value).toHaveLength(12)
  expect(value[0]).toMatchObject({
    protocol: 'tcp',
    state: 'LISTEN',
    address: '127.0.0.1',
    port: 2379,
    receiveQueue: 0,
  })
  expect(value[7]).toMatchObject({ address: '*', port: 6443, line: { number: 9 } })
  expect(value[7]?.processes).toEqual([{ name: 'kube-apiserver', pid: 25397, fd: 7 }])
})

test.each(['ss-listen/zones-and-families.txt', 'ss-listen/no-header.txt'])('reads %s', (path) => {
  const { value, unread } = parseText(ssListen, fixture(path))
  expect(unread).toEqual([])
  expect(
    value.map(({ protocol, state, address, zone, port }) => [protocol, state, address, zone, port]),
  ).toEqual([
    ['udp', 'UNCONN', '0.0.0.0', undefined, 53],
    ['udp', 'UNCONN', '::1', undefined, 323],
    ['tcp', 'LISTEN', '0.0.0.0', 'd0', 5353],
    ['tcp', 'LISTEN', '127.0.0.1', undefined, 10248],
    ['tcp', 'LISTEN', '192.0.2.10', undefined, 2379],
    ['tcp', 'LISTEN', '*', undefined, 6443],
    ['tcp', 'LISTEN', '::', undefined, 8080],
    ['tcp', 'LISTEN', '2001:db8::10', undefined, 9100],
  ])
})

test('reads zones, sockets of the kernel, shared sockets and the older forms', () => {
  const text = [
    'udp   UNCONN 0      0      127.0.0.53%lo:53           0.0.0.0:*    users:(("systemd-resolve",pid=731,fd=13))',
    'udp   UNCONN 0      0            0.0.0.0:8472       0.0.0.0:*',
    'udp   UNCONN 0      0      [fe80::1]%eth0:546              [::]:*',
    'tcp   LISTEN 0      128              :::22                :::*    users:(("sshd",1043,3))',
    'tcp   LISTEN 0      511          0.0.0.0:80         0.0.0.0:*    users:(("nginx",pid=9,fd=6),("nginx",pid=8,fd=6))',
  ].join('\n')
  const { value, unread } = parseText(ssListen, text)
  expect(unread).toEqual([])
  expect(value).toMatchObject([
    { address: '127.0.0.53', zone: 'lo', port: 53 },
    { address: '0.0.0.0', port: 8472, processes: [] },
    { address: 'fe80::1', zone: 'eth0', port: 546 },
    { address: '::', port: 22, processes: [{ name: 'sshd', pid: 1043, fd: 3 }] },
    { port: 80, processes: [{ pid: 9 }, { pid: 8 }] },
  ])
})

test('reads netstat', () => {
  const text = [
    'Active Internet connections (only servers)',
    'Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name    ',
    'tcp        0      0 127.0.0.1:10248         0.0.0.0:*               LISTEN      812/kubelet         ',
    'tcp6       0      0 :::6443                 :::*                    LISTEN      -                   ',
    'udp        0      0 0.0.0.0:8472            0.0.0.0:*                           -                   ',
    'udp        0      0 0.0.0.0:68              0.0.0.0:*                           431/dhclient        ',
  ].join('\n')
  const { value, unread } = parseText(ssListen, text)
  expect(unread).toEqual([])
  expect(value).toMatchObject([
    {
      protocol: 'tcp',
      state: 'LISTEN',
      address: '127.0.0.1',
      port: 10248,
      processes: [{ name: 'kubelet', pid: 812 }],
    },
    { protocol: 'tcp', state: 'LISTEN', address: '::', port: 6443, processes: [] },
    { protocol: 'udp', state: 'UNCONN', address: '0.0.0.0', port: 8472, processes: [] },
    { protocol: 'udp', port: 68, processes: [{ name: 'dhclient', pid: 431 }] },
  ])
})

test('lists lines that are no socket', () => {
  const text =
    'netstat: invalid option\nLISTEN 0 128\ntcp LISTEN 0 0 1.2.3.4:99999 *:*\ntcp LISTEN 0 0 __proto__:1 *:*\ntcp LISTEN 0 0 1.2.3.4 *:*'
  const { value, unread } = parseText(ssListen, text)
  expect(value).toEqual([])
  expect(unread).toHaveLength(5)
})

test('an empty file has no sockets', () => {
  expect(parseText(ssListen, '')).toEqual({ value: [], unread: [] })
})
