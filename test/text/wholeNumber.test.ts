import { expect, test } from 'vitest'
import { hexNumber, wholeNumber } from '../../analyzer/text/wholeNumber.ts'

test.each([
  ['0', 0],
  ['007', 7],
  ['9007199254740991', 9007199254740991],
  ['18446744073709551615', 2 ** 64],
  ['', undefined],
  ['-1', undefined],
  ['1.5', undefined],
  ['1e3', undefined],
  ['0x10', undefined],
  [' 1', undefined],
  ['9'.repeat(21), undefined],
  [undefined, undefined],
])('%j is the whole number %s', (text, number) => {
  expect(wholeNumber(text)).toBe(number)
})

test.each([
  ['0000000a', 10],
  ['0xFF', 255],
  ['ffffffff', 0xffffffff],
  ['', undefined],
  ['0x', undefined],
  ['g', undefined],
  ['-1', undefined],
  ['f'.repeat(17), undefined],
  [undefined, undefined],
])('%j is the hexadecimal number %s', (text, number) => {
  expect(hexNumber(text)).toBe(number)
})

test.each([
  ['[12:720]', 1, 3, 12],
  ['[12:720]', 4, 7, 720],
  ['[12:720]', 3, 7, undefined],
  ['[12:720]', 4, 4, undefined],
  ['12', 0, 3, undefined],
])('of %j, from %i to %i, it is %s', (text, start, end, number) => {
  expect(wholeNumber(text, start, end)).toBe(number)
})
