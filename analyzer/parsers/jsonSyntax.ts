import { type OffsetFault, type SyntaxCode, namedCharacter } from './syntaxFault.ts'

/** Deeper nesting than this is refused: what walks a document must not run out of stack. */
const MAX_DEPTH = 200

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
/** Ends a run of plain characters inside a string: a quote, a backslash, a control character below U+0020. */
const SPECIAL = /[^ !#-[\]-\uffff]/g
const ESCAPE = /\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})/y
const WORDS = ['true', 'false', 'null'] as const

/** What may stand at the next place. */
type Expected = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'comma-or-end' | 'end-of-text'

/**
 * The first place where a text breaks the grammar of RFC 8259; undefined for good JSON of at most 200 levels.
 * JSON.parse tells the place in words that differ between engines and versions; reports must not.
 */
export function findJsonFault(text: string): OffsetFault | undefined {
  const open: ('[' | '{')[] = []
  let expected: Expected = 'value'
  let at = 0

  const afterValue = (): Expected => (open.length === 0 ? 'end-of-text' : 'comma-or-end')
  const fault = (message: string, code: SyntaxCode = codeAt(text, at)): OffsetFault => ({
    offset: at,
    code,
    message,
  })

  for (;;) {
    at = skipBlanks(text, at)
    const here = text[at]
    if (here === undefined) return expected === 'end-of-text' ? undefined : fault('the text ends too early')
    if (expected === 'end-of-text') return fault(`${namedCharacter(here)} after the end of the document`)

    if (here === ']' || here === '}') {
      const inside = open.at(-1)
      const closes = here === ']' ? inside === '[' : inside === '{'
      if (expected === 'key') return fault('a comma before the closing brace', 'trailing-comma')
      if (expected === 'value' && inside === '[' && closes)
        return fault('a comma before the closing bracket', 'trailing-comma')
      if (!closes || expected === 'value') return fault(`unexpected ${namedCharacter(here)}`)
      open.pop()
      at += 1
      expected = afterValue()
      continue
    }
    if (expected === 'comma-or-end') {
      if (here !== ',') return fault(`${namedCharacter(here)} where a comma or an end was expected`)
      at += 1
      expected = open.at(-1) === '{' ? 'key' : 'value'
      continue
    }
    if (expected === 'key' || expected === 'key-or-end') {
      if (here !== '"') return fault(`${namedCharacter(here)} where a key in double quotes was expected`)
      const end = stringEnd(text, at)
      if (end === undefined) return fault('a string that is not closed or holds a bad escape', 'not-closed')
      at = skipBlanks(text, end)
      if (text[at] !== ':')
        return fault(at >= text.length ? 'the text ends too early' : 'no colon after the key')
      at += 1
      expected = 'value'
      continue
    }
    if (here === '[' || here === '{') {
      if (open.length === MAX_DEPTH) return fault(`nested deeper than ${MAX_DEPTH} levels`, 'limit')
      open.push(here)
      at += 1
      expected = here === '[' ? 'value-or-end' : 'key-or-end'
      continue
    }
    const end = scalarEnd(text, at, here)
    if (end === undefined)
      return here === '"'
        ? fault('a string that is not closed or holds a bad escape', 'not-closed')
        : fault(`unexpected ${namedCharacter(here)}`)
    at = end
    expected = afterValue()
  }
}

function scalarEnd(text: string, at: number, first: string): number | undefined {
  if (first === '"') return stringEnd(text, at)
  const word = WORDS.find((known) => text.startsWith(known, at))
  return word === undefined ? matchEnd(NUMBER, text, at) : at + word.length
}

/** The end of the string that opens at `from`; step by step, since a long string overflows the stack of one big pattern. */
function stringEnd(text: string, from: number): number | undefined {
  let at = from + 1
  for (;;) {
    SPECIAL.lastIndex = at
    const special = SPECIAL.exec(text)
    if (special?.[0] === '"') return special.index + 1
    const next = special?.[0] === '\\' ? matchEnd(ESCAPE, text, special.index) : undefined
    if (next === undefined) return undefined
    at = next
  }
}

function matchEnd(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\t' || text[at] === '\r') at += 1
  return at
}

/** Comments are what people who know other grammars write most. */
function codeAt(text: string, at: number): SyntaxCode {
  if (at >= text.length) return 'ends-early'
  return text[at] === '#' || /^\/[*/]/.test(text.slice(at, at + 2)) ? 'comment' : 'unexpected'
}
