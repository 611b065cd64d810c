import { expect, test } from 'vitest'
import { ipsetSave } from '../../analyzer/parsers/ipsetSave.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { fixture } from '../support/fixture.ts'

test('reads the sets of kube-proxy in IPVS mode', () => {
  const { value, unread } = parseText(ipsetSave, fixture('ipset-save/kube-proxy-ipvs.txt'))
  expect(unread).toEqual([])
  expect(value.size).toBe(15)
  expect(value.get('KUBE-CLUSTER-IP')).toMatchObject({
    type: 'hash:ip,port',
    family: 'inet',
    maxElements: 65536,
  })
  expect(value.get('KUBE-CLUSTER-IP')?.entries).toHaveLength(8)
  expect(value.get('KUBE-CLUSTER-IP')?.entries[4]).toEqual({
    element: '10.96.10.11,udp:9000',
    protocol: 'udp',
    port: 9000,
    line: { number: 18, text: 'add KUBE-CLUSTER-IP 10.96.10.11,udp:9000' },
  })
  expect(value.get('KUBE-NODE-PORT-TCP')?.entries[0]).toMatchObject({ element: '30080', port: 30080 })
  expect(value.get('KUBE-NODE-PORT-TCP')?.entries[0]).not.toHaveProperty('protocol')
  expect(value.get('KUBE-LOOP-BACK')?.entries[0]).toMatchObject({
    element: '192.168.50.11,tcp:6443,192.168.50.11',
    port: 6443,
  })
})

test('reads timeouts, comments and every kind of set', () => {
  const { value, unread } = parseText(ipsetSave, fixture('ipset-save/every-kind.txt'))
  expect(unread).toEqual([])
  expect(value.get('S')).toMatchObject({ maxElements: 1000, timeoutSeconds: 300 })
  expect(value.get('S')?.entries).toMatchObject([
    { element: '192.0.2.1,udp:53', protocol: 'udp', port: 53, comment: String.raw`a \ b` },
    { element: '192.0.2.2,tcp:80', protocol: 'tcp', port: 80 },
  ])
  expect(value.get('S')?.entries[1]).not.toHaveProperty('comment')
  expect(value.get('N')).toMatchObject({ family: 'inet6', entries: [{ element: '2001:db8::/32' }] })
  expect(value.get('N')).not.toHaveProperty('timeoutSeconds')
  expect(value.get('P')?.entries).toMatchObject([{ protocol: 'sctp', port: 9 }])
  expect(value.get('L')).toMatchObject({ type: 'list:set', entries: [{ element: 'S' }] })
})

test('a port without a protocol is TCP', () => {
  const { value } = parseText(
    ipsetSave,
    'create A hash:ip,port family inet\nadd A 192.0.2.1,443\nadd A 192.0.2.1,icmp:ping',
  )
  expect(value.get('A')?.entries).toMatchObject([
    { protocol: 'tcp', port: 443 },
    { element: '192.0.2.1,icmp:ping' },
  ])
  expect(value.get('A')?.entries[1]).not.toHaveProperty('port')
})

test('lists lines that are no set', () => {
  const lines = [
    'add NONE 10.0.0.1',
    'create',
    'Name: X',
    'add __proto__ 1',
    'ipset v7.17: Kernel error received: Operation not permitted',
  ]
  const { value, unread } = parseText(ipsetSave, lines.join('\n'))
  expect(value.size).toBe(0)
  expect(unread.map(({ text }) => text)).toEqual(lines)
})
