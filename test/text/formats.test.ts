import { expect, test } from 'vitest'
import { formatBytes } from '../../analyzer/text/formatBytes.ts'
import { formatCount } from '../../analyzer/text/formatCount.ts'
import { formatDay, formatTime } from '../../analyzer/text/formatTime.ts'
import { howOften } from '../../analyzer/text/howOften.ts'
import { shorten } from '../../analyzer/text/shorten.ts'
import { columnsOf, fitColumns, wrapWords } from '../../analyzer/text/wrapWords.ts'

test('groups thousands', () => {
  expect([0, 999, 1000, 180_124, 1_000_000, -1234].map(formatCount)).toEqual([
    '0',
    '999',
    '1,000',
    '180,124',
    '1,000,000',
    '-1,234',
  ])
})

test('words how often something came', () => {
  expect([0, 1, 2, 180_124].map(howOften)).toEqual(['0 times', 'once', '2 times', '180,124 times'])
})

test('words sizes in binary units', () => {
  expect([0, 1, 1023, 1024, 20_401_337, 150 * 1024 * 1024, 2 ** 41].map(formatBytes)).toEqual([
    '0 bytes',
    '1 byte',
    '1,023 bytes',
    '1.0 KiB',
    '19.5 MiB',
    '150 MiB',
    '2.0 TiB',
  ])
})

test('words times in UTC, and leaves alone what is no time', () => {
  expect(formatTime('2026-11-21T07:45:02+08:00')).toBe('2026-11-20 23:45 UTC')
  expect(formatDay('2026-11-21T07:45:02+08:00')).toBe('2026-11-20')
  expect(formatTime('yesterday')).toBe('yesterday')
  expect(formatDay('yesterday')).toBe('yesterday')
})

test('shortens a text and tells by how much, never inside a surrogate pair', () => {
  expect(shorten('abc', 3)).toBe('abc')
  expect(shorten('abcdef', 3)).toBe('abc… (3 more characters)')
  expect(shorten('ab𝟘cd', 3)).toBe('ab… (4 more characters)')
})

test('counts terminal columns: wide characters two, combining marks none', () => {
  expect([columnsOf('node'), columnsOf('节点'), columnsOf('e\u0301')]).toEqual([4, 4, 1])
  expect(fitColumns('节点-1', 5)).toBe('节点…')
  expect(fitColumns('node-1', 6)).toBe('node-1')
})

test('wraps at spaces, and cuts a word that no line could hold', () => {
  expect(wrapWords('one two three', 8)).toEqual(['one two', 'three'])
  expect(wrapWords('节点一 abcdefghij', 6)).toEqual(['节点一', 'abcdef', 'ghij'])
  expect(wrapWords('', 8)).toEqual([])
})
