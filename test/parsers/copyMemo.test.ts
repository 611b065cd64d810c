import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { CopyMemo } from '../../analyzer/parsers/copyMemo.ts'

test('counts as a plain map does, whatever comes in turn', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd')), (texts) => {
      const memo = new CopyMemo<{ copies: number }>()
      const plain = new Map<string, number>()
      for (const text of texts) {
        plain.set(text, (plain.get(text) ?? 0) + 1)
        const known = memo.find(text)
        if (known === undefined) memo.keep(text, { copies: 1 })
        else known.copies += 1
      }
      for (const [text, copies] of plain) expect(memo.find(text)).toEqual({ copies })
    }),
  )
})

test('a new text is not known, not even behind one that another followed', () => {
  const memo = new CopyMemo<number>()
  memo.keep('a', 1)
  memo.keep('b', 2)
  expect(memo.find('a')).toBe(1)
  expect(memo.find('c')).toBeUndefined()
  expect(memo.find('b')).toBe(2)
})
