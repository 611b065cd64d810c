import { type OffsetFault, type SyntaxCode, namedCharacter } from './syntaxFault.ts'
import { tomlStringEnd } from './tomlString.ts'
import { tomlTables } from './tomlTables.ts'

/** A key of a TOML document with a plain value. */
export interface TomlAssignment {
  /** The table's names and the key's, from the top. */
  readonly path: readonly string[]
  /** As it is written, quotes included: `true`, `"runc"`. */
  readonly written: string
  /** Where the key stands. */
  readonly offset: number
}

/** What a TOML text sets, up to the first place where it breaks the grammar. */
export interface TomlText {
  readonly assignments: readonly TomlAssignment[]
  readonly fault?: OffsetFault
}

/** Deeper nesting than this is refused: the reader must not run out of stack. */
const MAX_DEPTH = 100

const BARE_KEY = /[\w-]+/y
/** A value without quotes or brackets; a date may be parted from its time by one space. */
const PLAIN = /\d{4}-\d\d-\d\d [\d:.Z+-]+|[^\s,[\]{}#"'=]+/y
/** What the collector writes in place of a secret. */
const WITHHELD = '<withheld>'
const PLAIN_VALUES = [
  /^(?:true|false|[+-]?(?:inf|nan))$/,
  /^[+-]?(?:0|[1-9](?:_?\d)*)(?:\.\d(?:_?\d)*)?(?:[eE][+-]?\d(?:_?\d)*)?$/,
  /^0x[\dA-Fa-f](?:_?[\dA-Fa-f])*$/,
  /^0o[0-7](?:_?[0-7])*$/,
  /^0b[01](?:_?[01])*$/,
  /^\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)?)?$/,
  /^\d\d:\d\d:\d\d(?:\.\d+)?$/,
]

/** Reading ends at the first fault; it never leaves `readToml`. */
class TomlBroken extends Error {
  readonly fault: OffsetFault
  constructor(fault: OffsetFault) {
    super(fault.message)
    this.fault = fault
  }
}

/**
 * Reads TOML 1.0 (toml.io), which containerd (pelletier/go-toml) and CRI-O (BurntSushi/toml) are configured in:
 * ```
 * version = 2
 * [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
 *   SystemdCgroup = true
 * ```
 * Never throws.
 */
export function readToml(text: string): TomlText {
  const assignments: TomlAssignment[] = []
  try {
    readDocument(text, (assignment) => assignments.push(assignment))
    return { assignments }
  } catch (error) {
    if (!(error instanceof TomlBroken)) throw error
    return { assignments, fault: error.fault }
  }
}

function readDocument(text: string, keep: (assignment: TomlAssignment) => void): void {
  const tables = tomlTables()
  let table: readonly string[] = []
  let at = text.startsWith('\ufeff') ? 1 : 0

  for (at = skipLines(text, at); at < text.length; at = skipLines(text, endOfLine(text, at))) {
    const start = at
    const listed = text.startsWith('[[', at)
    if (text[at] === '[') {
      const name = readKey(text, skipBlanks(text, at + (listed ? 2 : 1)))
      at = expectText(text, name.end, listed ? ']]' : ']')
      table = name.path
      const isNew = listed ? tables.openListed(table) : tables.openTable(table)
      if (!isNew) throw broken(start, 'duplicate-key', `the table ${table.join('.')} is there twice`)
      continue
    }
    const key = readKey(text, at)
    at = expectText(text, key.end, '=')
    const from = skipBlanks(text, at)
    at = valueEnd(text, from, 0)
    if (!tables.setKey(key.path)) {
      throw broken(start, 'duplicate-key', `the key ${key.path.join('.')} is there twice`)
    }
    keep({ path: [...table, ...key.path], written: text.slice(from, at), offset: start })
  }
}

/** `a.b."c d"`, and where it ends. */
function readKey(text: string, from: number): { readonly path: readonly string[]; readonly end: number } {
  const path: string[] = []
  let at = from
  for (;;) {
    const quoted = text[at] === '"' || text[at] === "'"
    const end = quoted ? stringEnd(text, at) : matchEnd(BARE_KEY, text, at)
    if (end === undefined || text.startsWith('"""', at) || text.startsWith("'''", at)) {
      throw unexpected(text, at, 'where a key was expected')
    }
    path.push(quoted ? text.slice(at + 1, end - 1) : text.slice(at, end))
    at = skipBlanks(text, end)
    if (text[at] !== '.') return { path, end: at }
    at = skipBlanks(text, at + 1)
  }
}

function valueEnd(text: string, at: number, depth: number): number {
  const here = text[at]
  if (depth > MAX_DEPTH) throw broken(at, 'limit', `nested deeper than ${MAX_DEPTH} levels`)
  if (here === '"' || here === "'") return stringEnd(text, at)
  if (here === '[') return arrayEnd(text, at, depth)
  if (here === '{') return inlineTableEnd(text, at, depth)
  if (text.startsWith(WITHHELD, at)) return at + WITHHELD.length
  const end = matchEnd(PLAIN, text, at)
  const plain = text.slice(at, end ?? at)
  if (end === undefined || !PLAIN_VALUES.some((pattern) => pattern.test(plain))) {
    throw unexpected(text, at, 'where a value was expected')
  }
  return end
}

function arrayEnd(text: string, from: number, depth: number): number {
  let at = skipLines(text, from + 1)
  while (text[at] !== ']') {
    at = skipLines(text, valueEnd(text, at, depth + 1))
    if (text[at] === ',') at = skipLines(text, at + 1)
    else if (text[at] !== ']') throw unexpected(text, at, 'where a comma or the closing bracket was expected')
  }
  return at + 1
}

function inlineTableEnd(text: string, from: number, depth: number): number {
  const tables = tomlTables()
  let at = skipBlanks(text, from + 1)
  while (text[at] !== '}') {
    const key = readKey(text, at)
    if (!tables.setKey(key.path)) {
      throw broken(at, 'duplicate-key', `the key ${key.path.join('.')} is there twice`)
    }
    at = skipBlanks(text, valueEnd(text, skipBlanks(text, expectText(text, key.end, '=')), depth + 1))
    if (text[at] === '}') break
    at = skipBlanks(text, expectText(text, at, ','))
    if (text[at] === '}') throw broken(at, 'trailing-comma', 'a comma before the closing brace')
  }
  return at + 1
}

function stringEnd(text: string, at: number): number {
  const { end, fault } = tomlStringEnd(text, at)
  if (fault !== undefined) throw new TomlBroken(fault)
  return end
}

function expectText(text: string, at: number, wanted: string): number {
  if (text.startsWith(wanted, at)) return at + wanted.length
  throw unexpected(text, at, `where ${wanted} was expected`)
}

/** Nothing but a comment may follow on a line. */
function endOfLine(text: string, from: number): number {
  const at = skipBlanks(text, from)
  const here = text[at]
  if (here === undefined || here === '#' || here === '\n' || (here === '\r' && text[at + 1] === '\n'))
    return at
  throw unexpected(text, at, 'behind the end of a value')
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (text[at] === ' ' || text[at] === '\t') at += 1
  return at
}

/** Over blanks, line ends and comments. */
function skipLines(text: string, from: number): number {
  let at = from
  for (;;) {
    at = skipBlanks(text, at)
    if (text[at] === '#') {
      const end = text.indexOf('\n', at)
      at = end === -1 ? text.length : end
    } else if (text[at] === '\n') at += 1
    else if (text[at] === '\r' && text[at + 1] === '\n') at += 2
    else return at
  }
}

function matchEnd(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}

function unexpected(text: string, at: number, where: string): TomlBroken {
  const here = text[at]
  if (here === undefined) return broken(at, 'ends-early', 'the text ends too early')
  if (here === '\n' || here === '\r') return broken(at, 'unexpected', `the end of the line ${where}`)
  return broken(at, text.startsWith('//', at) ? 'comment' : 'unexpected', `${namedCharacter(here)} ${where}`)
}

function broken(offset: number, code: SyntaxCode, message: string): TomlBroken {
  return new TomlBroken({ offset, code, message })
}
