import { expect, test } from 'vitest'
import {
  goLogTime,
  isoTime,
  journalFullTime,
  journalTime,
  kernelTime,
  kernelWallTime,
  klogTime,
  logrusTime,
  unixTime,
  zapTime,
} from '../../analyzer/text/timestamps.ts'

const AT = Date.parse('2026-11-21T00:31:01Z')

test.each([
  ['2026-11-21T00:31:01+0000 node-1', AT, 24],
  ['2026-11-21T00:31:01.414798+0000 node-1', AT + 414.798, 31],
  ['2026-11-21T08:31:01+08:00 node-1', AT, 25],
  ['2026-11-20T19:01:01-0530 node-1', AT, 24],
  ['2026-11-21T00:31:01,5Z', AT + 500, 22],
])('isoTime %s', (text, epochMs, end) => {
  expect(isoTime(text)).toMatchObject({ epochMs, end })
})

test('an ISO stamp without a zone tells no epoch', () => {
  const stamp = isoTime('2020-07-19 06:19:39.767 [FATAL][1144] int_dataplane.go 1032: x')
  expect(stamp).toEqual({
    wall: { year: 2020, month: 7, day: 19, msOfDay: ((6 * 60 + 19) * 60 + 39) * 1000 + 767 },
    end: 23,
  })
})

test('syslog has neither year nor zone, and pads the day with a blank', () => {
  expect(journalTime('Nov  1 00:31:01 node-1 kubelet[1]: x')).toEqual({
    wall: { month: 11, day: 1, msOfDay: 1_861_000 },
    end: 15,
  })
  expect(journalTime('Nov 21 00:31:01.414798 node-1 x')?.wall?.msOfDay).toBeCloseTo(1_861_414.798)
})

test('a month as a number with its Chinese word, as in a journal under zh_CN', () => {
  expect(journalTime('4月 01 17:28:05 emon3 kubelet[60611]: x')?.wall).toEqual({
    month: 4,
    day: 1,
    msOfDay: ((17 * 60 + 28) * 60 + 5) * 1000,
  })
})

test('short-full knows UTC and offsets, and leaves out a zone that is a mere name', () => {
  expect(journalFullTime('Sat 2026-11-21 00:31:01 UTC vm x')?.epochMs).toBe(AT)
  expect(journalFullTime('Sat 2026-11-21 08:31:01 +08 vm x')?.epochMs).toBe(AT)
  expect(journalFullTime('Sat 2026-11-21 00:31:01 CST vm x')).toEqual({
    wall: { year: 2026, month: 11, day: 21, msOfDay: 1_861_000 },
    end: 27,
  })
})

test('seconds since 1970, since boot, and the clock of dmesg -T', () => {
  expect(unixTime('1795221061.414798 vm x')?.epochMs).toBeCloseTo(AT + 414.798)
  expect(kernelTime('[ 2296.282567] IPv4: x')).toEqual({ bootSeconds: 2296.282567, end: 14 })
  expect(kernelWallTime('[Fri May 30 05:41:33 2025] x')?.wall).toEqual({
    year: 2025,
    month: 5,
    day: 30,
    msOfDay: ((5 * 60 + 41) * 60 + 33) * 1000,
  })
})

test('klog: the stamp reaches to the message', () => {
  const text = 'E0420 16:32:57.962067    4333 controller.go:187] failed to update lease'
  const stamp = klogTime(text)
  expect(stamp?.wall).toEqual({ month: 4, day: 20, msOfDay: ((16 * 60 + 32) * 60 + 57) * 1000 + 962.067 })
  expect(text.slice(stamp?.end)).toBe('failed to update lease')
})

test('logrus, zap and Go’s log package', () => {
  expect(logrusTime('time="2023-02-28T15:26:57+08:00" level=error')).toMatchObject({
    epochMs: Date.parse('2023-02-28T07:26:57Z'),
    end: 32,
  })
  expect(zapTime('2026-11-21T00:08:24.028Z')?.epochMs).toBe(Date.parse('2026-11-21T00:08:24.028Z'))
  expect(zapTime(1_795_221_061.5)?.epochMs).toBe(1_795_221_061_500)
  expect(zapTime(null)).toBeUndefined()
  expect(goLogTime('WARNING: 2026/11/21 00:31:27 [core] grpc: x')?.wall).toMatchObject({
    year: 2026,
    month: 11,
  })
})

test.each(['2026-13-21T00:31:01Z', '2026-11-32T00:31:01Z', '2026-11-21T24:31:01Z', '26-11-21', ''])(
  'no time of day or of the year: %s',
  (text) => {
    expect(isoTime(text)).toBeUndefined()
  },
)

test('a day that the calendar has not tells no epoch', () => {
  expect(isoTime('2026-02-30T00:00:00Z')).not.toHaveProperty('epochMs')
})
