import { expect, test } from 'vitest'
import { ipNeigh } from '../../analyzer/parsers/ipNeigh.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { fixture } from '../support/fixture.ts'

test('reads every state with its times', () => {
  const { value, unread } = parseText(ipNeigh, fixture('ip-neigh/every-state.txt'))
  expect(unread).toEqual([])
  const entries = new Map(value.map((entry) => [`${entry.address} ${entry.device}`, entry]))
  expect(entries.get('192.0.2.51 d0')).toEqual({
    address: '192.0.2.51',
    device: 'd0',
    mac: '02:00:00:00:00:51',
    states: ['REACHABLE'],
    flags: new Set(),
    usedSeconds: 0,
    confirmedSeconds: 0,
    updatedSeconds: 0,
    probes: 0,
    line: {
      number: 8,
      text: '192.0.2.51 dev d0 lladdr 02:00:00:00:00:51  ref 1 used 0/0/0probes 0 REACHABLE ',
    },
  })
  expect(entries.get('192.0.2.99 d0')).toMatchObject({
    states: ['INCOMPLETE'],
    probes: 4,
    confirmedSeconds: 60,
  })
  expect(entries.get('192.0.2.99 d0')).not.toHaveProperty('mac')
  expect(entries.get('192.0.2.54 d0')?.states).toEqual(['FAILED'])
  expect(entries.get('192.0.2.56 v0')?.states).toEqual([])
  expect(entries.get('192.0.2.52 d0')).toMatchObject({ states: ['STALE'], flags: new Set(['extern_learn']) })
  expect(entries.get('192.0.2.57 d0')?.flags).toEqual(new Set(['managed']))
  expect(entries.get('192.0.2.55 d0')?.states).toEqual(['NOARP'])
  expect(entries.get('2001:db8::50 d0')).toMatchObject({ states: ['PERMANENT'], flags: new Set(['router']) })
})

test('reads times that have passed', () => {
  const { value, unread } = parseText(ipNeigh, fixture('ip-neigh/failed.txt'))
  expect(unread).toEqual([])
  expect(value[0]).toMatchObject({
    states: ['FAILED'],
    usedSeconds: 4,
    confirmedSeconds: 64,
    updatedSeconds: 1,
    probes: 6,
  })
})

test('reads what BusyBox prints, and the short form', () => {
  const busybox = parseText(ipNeigh, fixture('ip-neigh/busybox.txt'))
  expect(busybox.unread).toEqual([])
  expect(busybox.value[0]).toMatchObject({ address: '192.0.2.99', states: ['INCOMPLETE'], probes: 4 })
  const short = parseText(ipNeigh, fixture('ip-neigh/flannel.txt'))
  expect(short.unread).toEqual([])
  expect(short.value[3]).toMatchObject({
    address: '10.244.2.0',
    device: 'flannel.1',
    mac: '02:fe:00:00:00:02',
    states: ['PERMANENT'],
  })
  expect(short.value[3]).not.toHaveProperty('usedSeconds')
})

test('a neighbour of a tunnel has no hardware address', () => {
  const { value, unread } = parseText(
    ipNeigh,
    '192.0.2.1 dev gre1 lladdr 192.0.2.1 NOARP\n192.0.2.60 dev d0 proxy ',
  )
  expect(unread).toEqual([])
  expect(value).toMatchObject([{ states: ['NOARP'] }, { flags: new Set(['proxy']), states: [] }])
  expect(value[0]).not.toHaveProperty('mac')
})

test('lists lines that are no neighbour', () => {
  const { value, unread } = parseText(
    ipNeigh,
    '? (10.0.0.1) at <incomplete> on eth0\n10.0.0.1\n__proto__ dev eth0\n10.0.0.1 dev',
  )
  expect(value).toEqual([])
  expect(unread).toHaveLength(4)
})

test('an empty file has no neighbours', () => {
  expect(parseText(ipNeigh, '')).toEqual({ value: [], unread: [] })
})
