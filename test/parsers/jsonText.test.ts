import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { json } from '../../analyzer/parsers/json.ts'
import { findJsonFault } from '../../analyzer/parsers/jsonSyntax.ts'
import { parseJsonText } from '../../analyzer/parsers/jsonText.ts'
import {
  asArray,
  asNumber,
  asObject,
  asString,
  asStrings,
  field,
  stringEntries,
} from '../../analyzer/parsers/jsonValue.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'

const accepted = (text: string) => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

test.each([
  ['{\n  "a": 1,\n}', 'a comma before the closing brace', 3, 1],
  ['[1, 2,]', 'a comma before the closing bracket', 1, 7],
  ['{"a": 1 // note\n}', '"/" where a comma or an end was expected', 1, 9],
  ['\ufeff{}', 'unexpected character U+FEFF', 1, 1],
  ['{\n"a":\u00a01}', 'unexpected character U+00A0', 2, 5],
  ['{“a”: 1}', 'character U+201C where a key in double quotes was expected', 1, 2],
  ["{'a': 1}", `"'" where a key in double quotes was expected`, 1, 2],
  ['{"a" 1}', 'no colon after the key', 1, 6],
  ['{"a": "b', 'a string that is not closed or holds a bad escape', 1, 7],
  ['{"a": 1', 'the text ends too early', 1, 8],
  ['{} {}', '"{" after the end of the document', 1, 4],
  ['{"a": }', 'unexpected "}"', 1, 7],
])('%j: %s', (text, message, line, column) => {
  const { error } = parseJsonText(text)
  expect(error).toMatchObject({ message, line: { number: line }, column })
})

test('accepts what JSON.parse accepts, and nothing else', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"\\u00e4"',
    '"\\x"',
    '"',
    ' ',
    '\n',
    '1',
    '-0.5e+7',
    '01',
    'true',
    'null',
    '\t',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.array(piece, { maxLength: 8 }).map((parts) => parts.join('')),
      ),
      (text) => {
        expect(findJsonFault(text) === undefined).toBe(accepted(text))
      },
    ),
    { numRuns: 5000 },
  )
})

test('200 levels are read, 201 are refused, and so are a million', () => {
  expect(parseJsonText(nested(200)).error).toBeUndefined()
  expect(parseJsonText(nested(201)).error?.message).toBe('nested deeper than 200 levels')
  expect(parseJsonText(nested(1_000_000)).error?.message).toBe('nested deeper than 200 levels')
})

test('a broken file gives its error, an empty one nothing', () => {
  expect(parseText(json, '{"a": }').unread).toEqual([{ number: 1, text: '{"a": }' }])
  expect(parseText(json, ' \n')).toEqual({ value: { document: undefined }, unread: [] })
  expect(parseText(json, '{"a": [1]}').value.document).toEqual({ a: [1] })
})

test('fields are reached by paths, and never through a prototype', () => {
  const { document } = parseJsonText('{"a": [{"b": "c"}], "__proto__": {"d": 1}, "n": 1e999}')
  expect(field(document, 'a', 0, 'b')).toBe('c')
  expect(field(document, '__proto__', 'd')).toBe(1)
  expect(field(document, 'toString')).toBeUndefined()
  expect(field(document, 'a', 'length')).toBeUndefined()
  expect(field(document, 'd')).toBeUndefined()
  expect(asNumber(field(document, 'n'))).toBeUndefined()
  expect(asObject(field(document, 'a'))).toBeUndefined()
  expect(asArray(document)).toEqual([])
  expect(asString(null)).toBeUndefined()
  expect(asStrings(['a', 1, 'b'])).toEqual(['a', 'b'])
  expect([...stringEntries({ a: 'b', c: 1 })]).toEqual([['a', 'b']])
})
