import { expect, test } from 'vitest'
import { fio } from '../../analyzer/parsers/fio.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { fixture } from '../support/fixture.ts'

function p99(text: string): readonly (readonly [string, number | undefined])[] {
  return parseText(fio, text).value.map(({ name, sync }) => [name, sync?.percentiles.get(99)])
}

test.each([
  ['fdatasync', [['etcd-wal', 816]]],
  [
    'two-jobs',
    [
      ['first', 15139],
      ['second', 15533],
    ],
  ],
  ['two-jobs-grouped', [['etcd-wal', 14615]]],
  ['pasted-part', [['', 2376]]],
  ['no-sync', [['nosync', undefined]]],
])('%s: microseconds of the syncs, and nothing unread', (name, expected) => {
  const text = fixture(`fio/${name}.txt`)
  expect(p99(text)).toEqual(expected)
  expect(parseText(fio, text).unread).toEqual([])
})

test('units: nanoseconds on tmpfs, milliseconds on a slow disk', () => {
  expect(p99(fixture('fio/tmpfs-nsec.txt'))[0]?.[1]).toBeCloseTo(2.48, 5)
  const slow = fixture('fio/two-jobs-grouped.txt').replaceAll('(usec)', '(msec)')
  expect(p99(slow)[0]?.[1]).toBe(14_615_000)
})

test('the line of the 99th percentile and the slowest sync are kept', () => {
  const [job] = parseText(fio, fixture('fio/pasted-part.txt')).value
  expect(job?.sync?.line.text).toContain('99.00th=[ 2376]')
  expect(job?.sync?.maxUsec).toBe(15_766)
})

test('percentiles of requests are not those of syncs', () => {
  const text = 'a: (groupid=0, jobs=1): err= 0: pid=1\n    clat percentiles (usec):\n     | 99.00th=[   70]\n'
  expect(p99(text)).toEqual([['a', undefined]])
  expect(p99('')).toEqual([])
  expect(parseText(fio, 'bash: fio: command not found\n').unread).toHaveLength(1)
})
