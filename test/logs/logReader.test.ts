import { array, assert, constantFrom, oneof, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { logReader } from '../../analyzer/logs/logReader.ts'
import type { LogExtract } from '../../analyzer/logs/logEntry.ts'

function read(lines: readonly string[]): LogExtract {
  const reader = logReader('journal')
  for (const [index, line] of lines.entries()) reader.line(line, index + 1)
  return reader.end()
}

const full = (second: number): string =>
  `2026-11-21T00:00:${String(second).padStart(2, '0')}+0000 node-1 kernel: nf_conntrack: table full, dropping packet`

test('keeps the first ten and the last ten of a signal, in order, and counts all', () => {
  const hits = read(Array.from({ length: 37 }, (_, second) => full(second))).hits.get('conntrack-table-full')
  expect(hits?.count).toBe(37)
  expect(hits?.first.map(({ line }) => line.number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect(hits?.last.map(({ line }) => line.number)).toEqual([28, 29, 30, 31, 32, 33, 34, 35, 36, 37])
  expect(hits?.last.at(-1)?.timeMs).toBe(Date.parse('2026-11-21T00:00:36Z'))
})

test('few hits stand in both lists, as the same objects', () => {
  const hits = read([full(1), full(2)]).hits.get('conntrack-table-full')
  expect(hits?.first.map(({ line }) => line.number)).toEqual([1, 2])
  expect(hits?.last).toEqual(hits?.first)
  expect(hits?.last[1]).toBe(hits?.first[1])
})

test('adds up what the kernel and journald held back, and what syslog folded', () => {
  const { hits } = read([
    '[   46.577643] net_ratelimit: 17 callbacks suppressed',
    '[   51.592452] net_ratelimit: 69 callbacks suppressed',
    'Nov 21 00:31:01 node-1 systemd-journald[400]: Suppressed 4512 messages from k3s.service',
    'Nov 21 00:31:01 node-1 rsyslogd: message repeated 5 times: [ Neighbour table overflow.]',
  ])
  expect(hits.get('kernel-messages-suppressed')).toMatchObject({ count: 2, reportedCount: 86 })
  expect(hits.get('journal-suppressed')).toMatchObject({ count: 1, reportedCount: 4512 })
  expect(hits.get('neighbour-table-overflow')).toMatchObject({ count: 5, reportedCount: 0 })
})

test('an indented line belongs to the entry before it', () => {
  const { hits } = read([
    '2026-11-21T00:31:01+0000 node-1 k3s[77]: panic: networking',
    '                                         dial tcp 10.43.0.1:443: i/o timeout',
  ])
  expect(hits.get('api-connection')?.first[0]).toMatchObject({
    timeMs: Date.parse('2026-11-21T00:31:01Z'),
    identifier: 'k3s',
    message: 'dial tcp 10.43.0.1:443: i/o timeout',
    line: { number: 2 },
  })
})

test('a message of bytes is looked into, other fields of a JSON entry are not', () => {
  const bytes = [...new TextEncoder().encode('nf_conntrack: table full, dropping packet')]
  const { hits } = read([
    JSON.stringify({ __REALTIME_TIMESTAMP: '1795221063104638', MESSAGE: bytes }),
    JSON.stringify({ MESSAGE: 'x', _CMDLINE: 'logger nf_conntrack: table full, dropping packet' }),
  ])
  expect(hits.get('conntrack-table-full')?.count).toBe(1)
})

test('markers of journalctl are kept, and other lines with dashes are log', () => {
  const { markers, hits, firstTimeMs } = read([
    '-- Logs begin at Mon 2023-02-20 09:12:01 CST, end at Tue 2023-02-28 15:26:57 CST. --',
    '-- Reboot --',
    '-- Boot 949d2a070ca54f26a6a2180db7ebc8fb --',
    '-- No entries --',
    '-- nf_conntrack: table full, dropping packet',
    '2026-11-21T00:31:01+0000 node-1 x[1]: y',
  ])
  expect(markers.map(({ kind }) => kind)).toEqual(['begin', 'reboot', 'boot', 'no-entries'])
  expect(markers[2]?.bootId).toBe('949d2a070ca54f26a6a2180db7ebc8fb')
  expect(hits.get('conntrack-table-full')?.count).toBe(1)
  expect(firstTimeMs).toBe(Date.parse('2026-11-21T00:31:01Z'))
})

test('a line is cut to 2,000 characters, and not looked at beyond 16,384', () => {
  const { hits } = read([`${full(1)} ${'x'.repeat(5000)}`, `${'x'.repeat(20_000)} ${full(2)}`])
  const kept = hits.get('conntrack-table-full')
  expect(kept?.count).toBe(1)
  expect(kept?.first[0]?.line.text).toHaveLength(2000)
})

test('what is no text is not read; blank lines and odd short messages are', () => {
  const reader = logReader('journal')
  expect(reader.line('\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0000\u0001', 1)).toBe(false)
  expect(reader.line('\u{FFFD}'.repeat(40), 2)).toBe(false)
  expect(reader.line('', 3)).toBe(true)
  expect(reader.line('\u{FFFD}\u{FFFD}\u0000bi', 4)).toBe(true)
  expect(reader.line('ключ сертификата 证书已过期', 5)).toBe(true)
  expect(reader.end().lineCount).toBe(5)
})

test('no lines make it throw, and every line is counted', () => {
  const line = oneof(
    string({ unit: 'binary' }),
    constantFrom(
      full(1),
      '{"MESSAGE":[1,"a",null]}',
      '{"MESSAGE":[',
      ' table full',
      '-- Boot x --',
      '{"MESSAGE":{}}',
    ),
  )
  assert(
    property(array(line), (lines) => {
      expect(read(lines).lineCount).toBe(lines.length)
    }),
  )
})
