import { expect, test } from 'vitest'
import { hitTimeMs } from '../../analyzer/logs/hitTime.ts'
import { kernelLog } from '../../analyzer/parsers/kernelLog.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'

const MESSAGE = 'nf_conntrack: table full, dropping packet'
const anchor = { collectedAtMs: Date.parse('2027-01-02T00:00:00Z'), zoneOffsetMinutes: 480 }

function timeOf(line: string, bootedAtMs?: number): number | undefined {
  const hit = parseText(kernelLog, line).value.hits.get('conntrack-table-full')?.first[0]
  return hit && hitTimeMs(hit, bootedAtMs === undefined ? anchor : { ...anchor, bootedAtMs })
}

test('a full stamp needs no help', () => {
  expect(timeOf(`2026-11-21T00:31:01+0000 node-1 kernel: ${MESSAGE}`)).toBe(
    Date.parse('2026-11-21T00:31:01Z'),
  )
})

test('syslog takes year and zone from the bundle, across New Year', () => {
  expect(timeOf(`Dec 31 08:00:00 node-1 kernel: ${MESSAGE}`)).toBe(Date.parse('2026-12-31T00:00:00Z'))
})

test('dmesg counts from the boot, where that is known', () => {
  const boot = Date.parse('2027-01-01T00:00:00Z')
  expect(timeOf(`[   46.500000] ${MESSAGE}`, boot)).toBe(boot + 46_500)
  expect(timeOf(`[   46.500000] ${MESSAGE}`)).toBeUndefined()
})
