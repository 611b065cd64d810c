import type { OffsetFault } from './syntaxFault.ts'

/** Where a string ends, or why it does not. */
export interface TomlStringEnd {
  readonly end: number
  readonly fault?: OffsetFault
}

/** Ends a run of plain characters: a quote, a backslash, a line end, a control character (a tab is none). */
const BASIC_SPECIAL = /[^\t !#-[\]-~\u0080-\uffff]/g
const LITERAL_SPECIAL = /[^\t -&(-~\u0080-\uffff]/g
const ESCAPE = /\\(?:["\\bfnrt]|u[\dA-Fa-f]{4}|U[\dA-Fa-f]{8})/y
/** A backslash at the end of a line joins it with what follows. */
const JOINED_LINE = /\\[ \t]*\r?\n/y

/** The end of the TOML 1.0 string that opens at `from` (`"`, `'`, `"""` or `'''`). */
export function tomlStringEnd(text: string, from: number): TomlStringEnd {
  const quote = text[from] === "'" ? "'" : '"'
  const triple = quote.repeat(3)
  const isLong = text.startsWith(triple, from)
  const special = quote === '"' ? BASIC_SPECIAL : LITERAL_SPECIAL
  let at = from + (isLong ? 3 : 1)
  for (;;) {
    special.lastIndex = at
    const next = special.exec(text)
    if (next === null) return notClosed(from)
    const here = next.index
    if (next[0] === quote) {
      if (!isLong) return { end: here + 1 }
      if (text.startsWith(triple, here)) return { end: longEnd(text, here, quote) }
      at = here + 1
    } else if (next[0] === '\\') {
      const end = matchEnd(ESCAPE, text, here) ?? (isLong ? matchEnd(JOINED_LINE, text, here) : undefined)
      if (end === undefined)
        return { end: here, fault: { offset: here, code: 'unexpected', message: 'a bad escape' } }
      at = end
    } else if (isLong && (next[0] === '\n' || text.startsWith('\r\n', here))) at = here + 1
    else if (next[0] === '\n' || next[0] === '\r') return notClosed(from)
    else {
      return {
        end: here,
        fault: { offset: here, code: 'unexpected', message: 'a control character in a string' },
      }
    }
  }
}

/** Up to two quotes may stand before the three that close. */
function longEnd(text: string, at: number, quote: string): number {
  let end = at + 3
  while (end < at + 5 && text[end] === quote) end += 1
  return end
}

function matchEnd(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}

function notClosed(offset: number): TomlStringEnd {
  return { end: offset, fault: { offset, code: 'not-closed', message: 'a string that is not closed' } }
}
