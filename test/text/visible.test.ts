import { assert, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { visible } from '../../analyzer/text/visible.ts'

test('shows control characters by number', () => {
  expect(visible('\x1b[31mred\x07\r\n\x7f\u009b')).toBe('\\x1b[31mred\\x07\\x0d\\x0a\\x7f\\x9b')
})

test('shows what is invisible or turns the direction of writing', () => {
  expect(visible('user\u202etxt eth\u200b0 \ufeff a\u00a0b \u{e0061} \u00ad')).toBe(
    'user⟦U+202E⟧txt eth⟦U+200B⟧0 ⟦U+FEFF⟧ a⟦U+00A0⟧b ⟦U+E0061⟧ ⟦U+00AD⟧',
  )
})

test('shows half a surrogate pair, and leaves whole ones alone', () => {
  expect(visible('\ud800 𝟘 日本語 é')).toBe('⟦U+D800⟧ 𝟘 日本語 é')
})

test('turns a tab into spaces', () => {
  expect(visible('\tchain input {')).toBe('    chain input {')
})

test('leaves no control character in any text', () => {
  assert(
    property(string({ unit: 'binary' }), (text) => {
      expect(visible(text)).not.toMatch(/\p{Cc}/u)
    }),
  )
})
