import { expect, test } from 'vitest'
import { osRelease } from '../../analyzer/parsers/osRelease.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { fixture } from '../support/fixture.ts'

test('reads a real file', () => {
  const { value, unread } = parseText(osRelease, fixture('os-release/debian-12.txt'))
  expect(unread).toEqual([])
  expect(value.get('ID')).toEqual({ value: 'debian', line: { number: 6, text: 'ID=debian' } })
  expect(value.get('VERSION_ID')?.value).toBe('12')
  expect(value.get('PRETTY_NAME')?.value).toBe('Debian GNU/Linux 12 (bookworm)')
})

test('unquotes as os-release(5) says', () => {
  const text = `A='x "y" \\n'\nB="a \\"b\\" \\$c \\\\ \\\`d\\\`"\nC=\nD="\nE='half\n# comment\n`
  const { value, unread } = parseText(osRelease, text)
  expect(unread).toEqual([])
  expect([...value].map(([key, { value: read }]) => [key, read])).toEqual([
    ['A', 'x "y" \\n'],
    ['B', 'a "b" $c \\ `d`'],
    ['C', ''],
    ['D', '"'],
    ['E', "'half"],
  ])
})

test('lists lines that are no assignment', () => {
  const { value, unread } = parseText(osRelease, '__proto__=x\nID debian\n1=2')
  expect([...value.keys()]).toEqual(['__proto__'])
  expect(unread.map((line) => line.number)).toEqual([2, 3])
})
