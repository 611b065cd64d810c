import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { journal } from '../../analyzer/parsers/journal.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { anchoredTimeMs } from '../../analyzer/text/wallTime.ts'

const output = (name: string): string =>
  readFileSync(new URL(`../../fixtures/outputs/journal/${name}.txt`, import.meta.url), 'utf8')

/** journalctl --header of the journal: its first entry, and its first failure for want of addresses (line 19), in UTC. */
const BEGIN = Date.parse('2026-11-21T00:31:01.414Z') + 0.798
const FAILURE = Date.parse('2026-11-21T00:31:02.941Z') + 0.906
const FAILURE_BOOT_SECONDS = 2761.912698

const precise = ['short-iso-precise', 'short-unix', 'json', 'json-seq']
const toTheSecond = ['short-iso', 'short-full', 'with-unit']
const yearless = ['short', 'short-precise']
const anchor = { collectedAtMs: Date.parse('2026-11-21T00:40:00Z'), zoneOffsetMinutes: 0 }

function poolHits(name: string) {
  return parseText(journal, output(name)).value.hits.get('cni-address-pool-exhausted')
}

describe.each([...precise, ...toTheSecond, ...yearless, 'short-monotonic', 'cat'])(
  'journalctl -o %s',
  (name) => {
    test('every line is read', () => {
      expect(parseText(journal, output(name)).unread).toEqual([])
    })

    test('the 16 failures for want of addresses are found, with the range', () => {
      const hits = poolHits(name)
      expect(hits?.count).toBe(16)
      expect(hits?.first[0]?.line.number).toBe(19)
      expect(hits?.first.every(({ groups }) => groups.get('ranges') === '10.244.2.2-10.244.2.6')).toBe(true)
    })

    test('the message is what kubelet wrote', () => {
      expect(poolHits(name)?.first[0]?.message).toMatch(
        /^RunPodSandbox from runtime service failed: rpc error: .* sandbox "[\da-f]{64}": plugin type="bridge" failed \(add\): /,
      )
    })
  },
)

test.each([...precise, ...toTheSecond, ...yearless, 'short-monotonic'])('-o %s names kubelet', (name) => {
  expect(poolHits(name)?.first[0]?.identifier).toBe('kubelet')
})

test.each(precise)('-o %s tells the time to the microsecond', (name) => {
  expect(parseText(journal, output(name)).value.firstTimeMs).toBeCloseTo(BEGIN, 2)
  expect(poolHits(name)?.first[0]?.timeMs).toBeCloseTo(FAILURE, 2)
})

test.each(toTheSecond)('-o %s tells the time to the second', (name) => {
  expect(parseText(journal, output(name)).value.firstTimeMs).toBe(Math.floor(BEGIN / 1000) * 1000)
  expect(poolHits(name)?.first[0]?.timeMs).toBe(Math.floor(FAILURE / 1000) * 1000)
})

test.each(yearless)('-o %s needs the bundle for its year', (name) => {
  const hit = poolHits(name)?.first[0]
  expect(hit).not.toHaveProperty('timeMs')
  const ms = hit?.wallTime && anchoredTimeMs(hit.wallTime, anchor)
  expect(Math.floor((ms ?? 0) / 1000)).toBe(Math.floor(FAILURE / 1000))
})

test.each(['short-monotonic', 'json'])('-o %s tells seconds since boot', (name) => {
  expect(poolHits(name)?.first[0]?.bootOffsetSeconds).toBeCloseTo(FAILURE_BOOT_SECONDS, 4)
})

test('-o cat has only the component’s own clock', () => {
  expect(poolHits('cat')?.first[0]?.wallTime).toMatchObject({ month: 11, day: 21 })
  expect(poolHits('cat')?.first[0]).not.toHaveProperty('timeMs')
})

test('a journal without entries has its marker and no times', () => {
  const { value, unread } = parseText(journal, '-- No entries --\n')
  expect(unread).toEqual([])
  expect(value).toMatchObject({ lineCount: 1, markers: [{ kind: 'no-entries' }] })
  expect(value).not.toHaveProperty('firstTimeMs')
  expect(value.hits.size).toBe(0)
})
