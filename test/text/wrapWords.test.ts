import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { columnsOf, wrapWords } from '../../analyzer/text/wrapWords.ts'

test('English breaks at spaces, and within words that are too long', () => {
  expect(wrapWords('one two three', 8)).toEqual(['one two', 'three'])
  expect(wrapWords('abcdefghij k', 4)).toEqual(['abcd', 'efgh', 'ij k'])
  expect(wrapWords('', 8)).toEqual([])
})

test('Chinese breaks between any two characters, each two columns wide', () => {
  expect(wrapWords('节点上的规则数', 8)).toEqual(['节点上的', '规则数'])
})

test('a Latin word in Chinese stays whole, with its space', () => {
  expect(wrapWords('节点 node-1 上的规则', 10)).toEqual(['节点', 'node-1 上', '的规则'])
})

test('no closing mark begins a line, no opening mark ends one', () => {
  expect(wrapWords('节点上的，规则', 8)).toEqual(['节点上', '的，规则'])
  expect(wrapWords('共三条（见下）。', 8)).toEqual(['共三条', '（见', '下）。'])
})

test('a word that is cut takes along what a mark is bound to', () => {
  expect(wrapWords('（anode-1）。', 12)).toEqual(['（anode-', '1）。'])
})

test('no line is wider than told, nothing but spaces is lost, and no mark stands wrong', () => {
  const text = fc.array(fc.constantFrom('节', '点', '，', '。', '（', '）', ' ', 'a', 'node-1', '1'), {
    maxLength: 60,
  })
  fc.assert(
    fc.property(text, fc.integer({ min: 12, max: 40 }), (parts, columns) => {
      const whole = parts.join('')
      // Rows of marks can be wider than any line; no text has them.
      fc.pre(!/[，。（）]{3}/.test(whole))
      const lines = wrapWords(whole, columns)
      expect(lines.join('').replaceAll(' ', '')).toBe(whole.replaceAll(' ', ''))
      expect(lines.filter((line) => columnsOf(line) > columns)).toEqual([])
      const behindSpace = new Set(whole.split(' ').map((word) => word.charAt(0)))
      const wrong = lines
        .slice(1)
        .filter((line) => /^[，。）]/.test(line) && !behindSpace.has(line.charAt(0)))
      expect(wrong).toEqual([])
    }),
  )
})
