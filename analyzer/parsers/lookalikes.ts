import type { Line } from '../text/line.ts'

/** A character that only looks like the one which a configuration file needs. */
export interface Lookalike {
  readonly line: Line
  /** Counted from 1. */
  readonly column: number
  readonly character: string
}

const QUOTES = '\u2018\u2019\u201c\u201d'
const BLANKS = '\u00a0\u2002\u2003\u2009\u200b\u3000'
const DASHES = '\u2013\u2014'
const COLON = '\uff1a'
const ANY = new RegExp(`[${QUOTES}${BLANKS}${DASHES}${COLON}]`, 'g')

/** Whether a character is one of those that text programs and web pages put in place of ASCII. */
export function isLookalike(character: string): boolean {
  return character !== '' && `${QUOTES}${BLANKS}${DASHES}${COLON}`.includes(character)
}

/**
 * Where such characters stand in place of grammar: a quote around a value, a blank of the indentation or beside `:`, `=` and `-`,
 * a dash in front of a flag, a full-width colon behind a key. In comments and in the midst of prose they do no harm. The first of
 * each line.
 */
export function findLookalikes(lines: readonly Line[]): readonly Lookalike[] {
  return lines.flatMap((line) => {
    const text = withoutComment(line.text)
    for (const { 0: character, index } of text.matchAll(ANY)) {
      if (standsForGrammar(character, text.slice(0, index), text.slice(index + 1))) {
        return [{ line, column: index + 1, character }]
      }
    }
    return []
  })
}

function standsForGrammar(character: string, before: string, after: string): boolean {
  if (character === COLON) return /^\s*[\w./-]+$/.test(before)
  if (DASHES.includes(character))
    return /(?:^|[\s"'=])[\u2013\u2014]?$/.test(before) && /^[a-z\u2013\u2014]/.test(after)
  const opened = before.trimEnd()
  return opened === '' || /[:=-]$/.test(opened) || after.trim() === ''
}

function withoutComment(text: string): string {
  const at = text.search(/(?:^|\s)[#;]/)
  return at < 0 ? text : text.slice(0, at)
}
