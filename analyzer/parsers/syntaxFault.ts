import type { Line } from '../text/line.ts'
import type { Place } from '../text/lineFinder.ts'

/**
 * What breaks a grammar. `limit`: beyond what this reader takes, which says nothing of the file; `unexpected` stands for all
 * that has no name of its own and is told by the message alone.
 */
export type SyntaxCode =
  | 'tab-indent'
  | 'indent'
  | 'trailing-comma'
  | 'comment'
  | 'duplicate-key'
  | 'not-closed'
  | 'ends-early'
  | 'unexpected'
  | 'limit'

/** Where and why a text breaks its own grammar. */
export interface SyntaxFault {
  readonly code: SyntaxCode
  readonly message: string
  readonly line: Line
  /** Counted from 1. */
  readonly column: number
  /** The character at that place; '' at the end of a line or text. */
  readonly character: string
}

/** The same by its place in the whole text. */
export interface OffsetFault {
  readonly offset: number
  readonly code: SyntaxCode
  readonly message: string
}

/** A fault with the line it lies in; `placeOf` is the line finder of the same text. */
export function syntaxFaultAt(
  text: string,
  { offset, code, message }: OffsetFault,
  placeOf: (offset: number) => Place,
): SyntaxFault {
  const at = text.charAt(offset)
  return { code, message, ...placeOf(offset), character: at === '\n' || at === '\r' ? '' : at }
}

/** A character as people can see it: a byte order mark or a no-break space would be printed as nothing. */
export function namedCharacter(character: string): string {
  const code = character.charCodeAt(0)
  if (code > 0x20 && code < 0x7f) return `"${character}"`
  return `character U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}
