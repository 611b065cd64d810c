import { expect, test } from 'vitest'
import { type ConntrackList, conntrackList } from '../../analyzer/parsers/conntrackList.ts'
import { conntrackStats } from '../../analyzer/parsers/conntrackStats.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { ownMemory } from '../../analyzer/parsers/ownMemory.ts'
import { fixture } from '../support/fixture.ts'

const entriesOf = (value: ConntrackList) => [...value.entries]

test('reads connections to a Service: the reply comes from the endpoint', () => {
  const { value, unread } = parseText(conntrackList, fixture('conntrack-list/service.txt'))
  expect(unread).toEqual([])
  expect(value.total).toBe(4)
  expect(entriesOf(value)[0]).toMatchObject({
    protocol: 'tcp',
    timeoutSeconds: 118,
    state: 'TIME_WAIT',
    original: { source: '10.244.1.3', destination: '10.96.10.10', sourcePort: 41544, destinationPort: 80 },
    reply: { source: '10.244.1.2', destination: '10.244.1.3', sourcePort: 8080, destinationPort: 41544 },
    assured: true,
    unreplied: false,
    mark: 0,
    line: { number: 2 },
  })
  expect(entriesOf(value)[1]).toMatchObject({ protocol: 'udp', unreplied: true, assured: false })
  expect(entriesOf(value)[1]).not.toHaveProperty('state')
  expect(value.byState).toEqual(
    new Map([
      ['tcp TIME_WAIT', 2],
      ['udp', 2],
    ]),
  )
  expect(value.topSources[0]).toEqual({ address: '10.244.1.3', count: 2 })
  expect(value).not.toHaveProperty('error')
})

test('counts states and who talks most', () => {
  const { value, unread } = parseText(conntrackList, fixture('conntrack-list/syn-flood.txt'))
  expect(unread).toEqual([])
  expect(value.total).toBe(20)
  expect(value.byState.get('tcp SYN_SENT')).toBe(6)
  expect(value.byState.get('icmp')).toBe(2)
  expect(entriesOf(value).find(({ protocol }) => protocol === 'icmp')?.original).not.toHaveProperty(
    'sourcePort',
  )
})

test('reads the extended form and /proc/net/nf_conntrack', () => {
  const { value, unread } = parseText(conntrackList, fixture('conntrack-list/extended.txt'))
  expect(unread).toEqual([])
  expect(entriesOf(value)).toMatchObject([
    {
      protocol: 'tcp',
      state: 'ESTABLISHED',
      zone: 0,
      original: { destinationPort: 81 },
      reply: { sourcePort: 8080 },
    },
    { timeoutSeconds: 431999, original: { destinationPort: 8080 } },
  ])
  expect(entriesOf(value)[1]).not.toHaveProperty('zone')
})

test('gives the entries of one protocol, with their lines, in every form', () => {
  const { value } = parseText(conntrackList, fixture('conntrack-list/service.txt'))
  expect([...value.of('udp')]).toEqual(entriesOf(value).filter(({ protocol }) => protocol === 'udp'))
  expect([...value.of('udp')]).toHaveLength(2)
  expect([...value.of('dp')]).toEqual([])
  const extended = parseText(conntrackList, fixture('conntrack-list/extended.txt')).value
  expect([...extended.of('tcp')]).toHaveLength(2)
})

test('reads counters per direction, offloaded entries, zones and IPv6', () => {
  const { value, unread } = parseText(
    conntrackList,
    [
      'tcp      6 src=fd00::1 dst=fd00::2 sport=1 dport=2 packets=3 bytes=4 src=fd00::2 dst=fd00::1 sport=2 dport=1 packets=5 bytes=6 [OFFLOAD] mark=16384 zone=7 use=2',
      'unknown  2 599 src=10.244.1.1 dst=224.0.0.22 [UNREPLIED] src=224.0.0.22 dst=10.244.1.1 mark=0 use=1',
    ].join('\n'),
  )
  expect(unread).toEqual([])
  expect(entriesOf(value)).toMatchObject([
    { original: { source: 'fd00::1' }, reply: { source: 'fd00::2' }, mark: 16384, zone: 7 },
    { protocol: 'unknown', timeoutSeconds: 599 },
  ])
  expect(entriesOf(value)[0]).not.toHaveProperty('timeoutSeconds')
})

test('keeps 60,000 entries and counts all', () => {
  const reader = conntrackList.start(ownMemory)
  for (let number = 1; number <= 61_000; number += 1) {
    const [source, destination] = [`10.0.${number >> 8}.${number & 255}`, '192.0.2.1']
    reader.line(
      `udp      17 9 src=${source} dst=${destination} src=${destination} dst=${source} mark=0 use=1`,
      number,
    )
  }
  const value = reader.end()
  expect(entriesOf(value)).toHaveLength(60_000)
  expect(value.total).toBe(61_000)
  expect(value.topDestinations).toEqual([{ address: '192.0.2.1', count: 61_000 }])
  expect(value.topSources).toHaveLength(10)
})

test('keeps the words of a failure, and lists what is no connection', () => {
  const error =
    'conntrack v1.4.7 (conntrack-tools): Operation failed: sorry, you must be root or get CAP_NET_ADMIN capability to do this'
  expect(parseText(conntrackList, error)).toMatchObject({
    value: { total: 0, error: { number: 1, text: error } },
    unread: [],
  })
  expect(parseText(conntrackStats, error)).toMatchObject({
    value: { cpus: 0, error: { text: error } },
    unread: [],
  })
  const lines = [
    'tcp      6 9 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2',
    'tcp 6',
    'src=10.0.0.1 dst=10.0.0.2',
    'tcp      6 9 CLOSE src=10.0.0.1 dst=10.0.0.2 src=10.0.0.2 dst=10.0.0.1 [ASSURconntrack v1.4.7 (conntrack-tools): 1 flow entries have been shown.',
  ]
  expect(parseText(conntrackList, lines.join('\n')).unread.map(({ text }) => text)).toEqual(lines)
})

test('sums the counters of all CPUs', () => {
  const { value, unread } = parseText(conntrackStats, fixture('conntrack-stats/per-cpu.txt'))
  expect(unread).toEqual([])
  expect(value.cpus).toBe(2)
  expect(value.totals.get('drop')).toBe(38 + 24)
  expect(value.totals.get('invalid')).toBe(8)
  expect(value.lines.map(({ number }) => number)).toEqual([1, 2])
})

test('the number of entries is one for all CPUs', () => {
  const { value, unread } = parseText(conntrackStats, fixture('conntrack-stats/from-proc.txt'))
  expect(unread).toEqual([])
  expect(value.totals.get('entries')).toBe(2)
})

test('reads the single block of old tools', () => {
  const text =
    'entries                 \t\t51\nsearched                \t\t8512\ninsert_failed           \t\t3\n'
  const { value, unread } = parseText(conntrackStats, text)
  expect(unread).toEqual([])
  expect(value.totals).toEqual(
    new Map([
      ['entries', 51],
      ['searched', 8512],
      ['insert_failed', 3],
    ]),
  )
  expect(value.cpus).toBe(0)
  expect(parseText(conntrackStats, 'cpu=0 found=x\ncpu=0 found\nFound 3').unread).toHaveLength(3)
})
