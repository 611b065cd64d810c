import type { Line } from '../text/line.ts'
import type { CaseMemory } from './caseMemory.ts'
import { ownMemory } from './ownMemory.ts'

/**
 * Takes the lines of one capture as they arrive and keeps what the product needs of them.
 * Pure and total: no content makes it throw.
 */
export interface LineReader<T> {
  /** Takes one line, without its line end; false when it could not be read. Blank lines and known noise count as read. */
  readonly line: (text: string, number: number) => boolean
  /** The value, asked for once, after the last line. */
  readonly end: () => T
}

/** A parser of a line-oriented source: it costs what it keeps, not what the source weighs. */
export interface LineParser<T> {
  readonly kind: 'lines'
  readonly start: (memory: CaseMemory) => LineReader<T>
}

/** What a parser made of a whole text. */
export interface Parsed<T> {
  readonly value: T
  /** The lines that could not be read. */
  readonly unread: readonly Line[]
}

/** A parser of a source that only makes sense whole (JSON, YAML, PEM, XML). Never throws on content. */
export interface TextParser<T> {
  readonly kind: 'text'
  /** What is beyond this many bytes is dropped, and said. */
  readonly maxBytes: number
  /** A byte order mark stays at the beginning of the text, for grammars that do not allow one. */
  readonly keepsByteOrderMark?: true
  readonly parse: (text: string) => Parsed<T>
}

/** Text of one source → typed value. */
export type Parser<T> = LineParser<T> | TextParser<T>

/** Runs a parser over a text at hand: for small embedded texts and for tests. */
export function parseText<T>(parser: Parser<T>, text: string): Parsed<T> {
  if (parser.kind === 'text') return parser.parse(text)
  const reader = parser.start(ownMemory)
  const unread: Line[] = []
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  for (const [index, raw] of lines.entries()) {
    const line = { number: index + 1, text: raw.endsWith('\r') ? raw.slice(0, -1) : raw }
    if (!reader.line(line.text, line.number)) unread.push(line)
  }
  return { value: reader.end(), unread }
}
