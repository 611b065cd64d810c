import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { kernelLog } from '../../analyzer/parsers/kernelLog.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'

const dmesg = readFileSync(
  new URL('../../fixtures/outputs/dmesg/neighbour-and-conntrack-full.txt', import.meta.url),
  'utf8',
)

test('dmesg of 6.1: overflows, martians, what was held back, and the release', () => {
  const { value, unread } = parseText(kernelLog, dmesg)
  expect(unread).toEqual([])
  expect(value.hits.get('conntrack-table-full')).toMatchObject({ count: 17 })
  expect(value.hits.get('conntrack-table-full')?.first[0]).toMatchObject({ bootOffsetSeconds: 46.134075 })
  expect(value.hits.get('neighbour-table-overflow')).toMatchObject({ count: 10 })
  expect(value.hits.get('kernel-messages-suppressed')).toMatchObject({ count: 2, reportedCount: 17 + 69 })
  expect(value.hits.get('kernel-version')?.first[0]?.groups.get('release')).toBe('6.1.0-56-cloud-amd64')
  expect(value).toMatchObject({ firstBootSeconds: 0, lastBootSeconds: 58.336624 })
})

test('a martian and the header of its frame stand on neighbouring lines', () => {
  const { hits } = parseText(kernelLog, dmesg).value
  const martians = hits.get('martian-source')?.first ?? []
  const headers = hits.get('martian-ll-header')?.first ?? []
  expect(martians.length).toBe(3)
  expect(headers.map(({ line }) => line.number)).toEqual(martians.map(({ line }) => line.number + 1))
  expect(headers[0]?.groups.get('sourceMac')).toBe('02 00 00 00 00 03')
})

test('journalctl -k: the kernel’s lines with the journal’s time', () => {
  const { hits } = parseText(
    kernelLog,
    '2026-11-21T00:31:01.414798+0000 node-1 kernel: IPv4: martian source 192.0.2.11 from 192.0.2.13, on dev eth0\n',
  ).value
  expect(hits.get('martian-source')?.first[0]).toMatchObject({
    identifier: 'kernel',
    message: 'IPv4: martian source 192.0.2.11 from 192.0.2.13, on dev eth0',
  })
  expect(hits.get('martian-source')?.first[0]?.timeMs).toBeCloseTo(
    Date.parse('2026-11-21T00:31:01.414Z') + 0.798,
    2,
  )
})

test('dmesg -T has the clock of the node, whose zone the bundle knows', () => {
  const { hits } = parseText(
    kernelLog,
    '[Fri May 30 05:41:33 2025] nf_conntrack: nf_conntrack: table full, dropping packet\n',
  ).value
  expect(hits.get('conntrack-table-full')?.first[0]).toMatchObject({
    wallTime: { year: 2025, month: 5, day: 30 },
  })
  expect(hits.get('conntrack-table-full')?.first[0]).not.toHaveProperty('timeMs')
})
