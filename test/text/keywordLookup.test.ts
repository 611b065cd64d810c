import { array, assert, constantFrom, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { keywordLookup } from '../../analyzer/text/keywordLookup.ts'

test('finds every keyword that stands in the text, once', () => {
  const { find } = keywordLookup(['table full', 'table overflow', 'martian'])
  const found = find('a table full of table overflow, martian martian')
  expect(found).toHaveLength(3)
  expect(new Set(found)).toEqual(new Set([0, 1, 2]))
  expect(find('a Table Full')).toEqual([])
  expect(find('table ful')).toEqual([])
  expect(find('table full')).toEqual([0])
})

test('a keyword that ends another is found as well', () => {
  expect(new Set(keywordLookup(['xyz', 'yz', 'wxyz']).find('_wxyz'))).toEqual(new Set([0, 1, 2]))
})

test('characters beyond ASCII share buckets and still are told apart', () => {
  const { find } = keywordLookup(['连接被拒绝'])
  expect(find('错误: 连接被拒绝')).toEqual([0])
  expect(find('错误: 连接被')).toEqual([])
})

test('nothing is found without keywords, and keywords of one character are none', () => {
  expect(keywordLookup([]).find('text')).toEqual([])
  expect(keywordLookup(['t']).find('text')).toEqual([])
})

test('agrees with a plain search', () => {
  const word = string({ unit: constantFrom('a', 'b', 'c', 'é'), minLength: 2, maxLength: 6 })
  const text = string({ unit: constantFrom('a', 'b', 'c', 'é'), maxLength: 60 })
  assert(
    property(array(word, { maxLength: 6 }), text, (keywords, sought) => {
      const expected = keywords.flatMap((keyword, index) => (sought.includes(keyword) ? [index] : []))
      expect([...keywordLookup(keywords).find(sought)].toSorted((a, b) => a - b)).toEqual(expected)
    }),
  )
})
