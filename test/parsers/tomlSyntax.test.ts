import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readToml } from '../../analyzer/parsers/tomlSyntax.ts'

// What is good and what is not was checked with tomllib of Python 3.11 (TOML 1.0).
test.each([
  ['a = "b', 'not-closed', 4],
  ['a = "\\q"', 'unexpected', 5],
  ['a = 01', 'unexpected', 4],
  ['a = 1 b = 2', 'unexpected', 6],
  ['a = ', 'ends-early', 4],
  ['a = [1, 2', 'ends-early', 9],
  ['a = {b = 1,}', 'trailing-comma', 11],
  ['a = 1\na = 2', 'duplicate-key', 6],
  ['[a]\n[a]', 'duplicate-key', 4],
  ['a.b = 1\n[a]', 'duplicate-key', 8],
  ['[[a]]\n[a]', 'duplicate-key', 6],
  ['a = “b”', 'unexpected', 4],
  ['// note', 'comment', 0],
  ['[a\nb = 1', 'unexpected', 2],
  ['"""a""" = 1', 'unexpected', 0],
])('%j: %s at %i', (text, code, offset) => {
  expect(readToml(text).fault).toMatchObject({ code, offset })
})

test.each([
  '',
  '\ufeffversion = 2\r\n',
  'a = [\n  "x", # y\n  \'z\',\n]\n',
  'a.b = 1\na.c = 2\n[a.d]\n[x.y]\n[x]\n',
  '[[a]]\n[[a]]\nb = 1979-05-27 07:32:00Z\n',
  'f = 6.26e-34\nh = 0xdead_beef\ni = -inf\nt = 07:32:00\n',
  's = """a\nb "" \\\n  c"""\'\'\n'.replace("''", ''),
  'auth = <withheld>\n',
  'a = {b.c = [1, {d = "e"}], f = {}}\n',
])('%j is sound', (text) => {
  expect(readToml(text).fault).toBeUndefined()
})

test('gives what is set, table by table', () => {
  const text =
    'version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd]\nruntimes.runc.options.SystemdCgroup = true # x\n'
  expect(readToml(text).assignments).toEqual([
    { path: ['version'], written: '2', offset: 0 },
    {
      path: [
        'plugins',
        'io.containerd.grpc.v1.cri',
        'containerd',
        'runtimes',
        'runc',
        'options',
        'SystemdCgroup',
      ],
      written: 'true',
      offset: 61,
    },
  ])
})

test('deep nesting ends the reading, and no text makes it throw', () => {
  expect(readToml(`a = ${'['.repeat(100_000)}`).fault?.code).toBe('limit')
  const piece = fc.constantFrom(
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '"""',
    '\\',
    '=',
    '.',
    ',',
    'a',
    '1',
    '\n',
    '#',
    ' ',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (parts) => {
      expect(() => readToml(parts.join(''))).not.toThrow()
    }),
    { numRuns: 2000 },
  )
})
