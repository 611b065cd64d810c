import { expect, test } from 'vitest'
import { type WallTime, anchoredTimeMs, wallTimeMs } from '../../analyzer/text/wallTime.ts'

const HOUR = 3_600_000
const collected = (iso: string, zoneOffsetMinutes = 0) => ({
  collectedAtMs: Date.parse(iso),
  zoneOffsetMinutes,
})
const wall = (month: number, day: number, hour: number): WallTime => ({ month, day, msOfDay: hour * HOUR })

test('a stamp with year and zone tells its time alone', () => {
  const stamp = { ...wall(11, 21, 8), year: 2026, offsetMinutes: 480 }
  expect(wallTimeMs(stamp)).toBe(Date.parse('2026-11-21T00:00:00Z'))
  expect(wallTimeMs(wall(11, 21, 8))).toBeUndefined()
  expect(wallTimeMs({ ...wall(11, 21, 8), year: 2026 })).toBeUndefined()
})

test('year and zone come from the bundle', () => {
  const anchor = collected('2026-11-21T10:00:00Z', 480)
  expect(anchoredTimeMs(wall(11, 21, 8), anchor)).toBe(Date.parse('2026-11-21T00:00:00Z'))
})

test('a line of December in a bundle of January is of the year before', () => {
  const anchor = collected('2027-01-02T00:00:00Z')
  expect(anchoredTimeMs(wall(12, 31, 23), anchor)).toBe(Date.parse('2026-12-31T23:00:00Z'))
  expect(anchoredTimeMs(wall(1, 1, 1), anchor)).toBe(Date.parse('2027-01-01T01:00:00Z'))
})

test('a line of January in a bundle of New Year’s Eve, by a clock that runs ahead, is of the coming year', () => {
  expect(anchoredTimeMs(wall(1, 1, 0), collected('2026-12-31T23:30:00Z'))).toBe(
    Date.parse('2027-01-01T00:00:00Z'),
  )
})

test('29 February is of the last leap year', () => {
  expect(anchoredTimeMs(wall(2, 29, 0), collected('2027-01-02T00:00:00Z'))).toBe(
    Date.parse('2024-02-29T00:00:00Z'),
  )
  expect(anchoredTimeMs(wall(2, 30, 0), collected('2027-01-02T00:00:00Z'))).toBeUndefined()
})
