import { expect, test } from 'vitest'
import { bareQuotes, goQuoted } from '../../analyzer/text/goQuoted.ts'

test('reads to the quote that is not escaped', () => {
  expect(goQuoted(String.raw`msg="a \"b\" \\" error`, 4)).toEqual({
    content: String.raw`a \"b\" \\`,
    end: 16,
  })
  expect(goQuoted('msg=plain', 4)).toBeUndefined()
  expect(goQuoted('"cut off', 0)).toEqual({ content: 'cut off', end: 8 })
  expect(goQuoted('"ends in a backslash\\', 0)?.end).toBe(21)
})

test('makes quotes bare, however deep they were escaped, and leaves other escapes', () => {
  expect(bareQuotes(String.raw`Get \"https://x\": pod \\\"a\\\" \n`)).toBe(
    String.raw`Get "https://x": pod "a" \n`,
  )
})

test('a long run of backslashes costs no more than its length', () => {
  const text = '\\'.repeat(1_000_000)
  // By the square of its length it would be a quarter of an hour, and the test be stopped.
  expect(bareQuotes(text)).toBe(text)
})
