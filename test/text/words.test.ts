import { expect, test } from 'vitest'
import { wordAfter, words } from '../../analyzer/text/words.ts'

test('parts a line at spaces and tabs', () => {
  expect(words('  a\t b  c ')).toEqual(['a', 'b', 'c'])
  expect(words('')).toEqual([])
  expect(words('a\u00a0b')).toEqual(['a\u00a0b'])
})

test('finds the word behind the first of a name', () => {
  expect(wordAfter(['dev', 'eth0', 'dev', 'eth1'], 'dev')).toBe('eth0')
  expect(wordAfter(['dev'], 'dev')).toBeUndefined()
  expect(wordAfter([], 'dev')).toBeUndefined()
})
