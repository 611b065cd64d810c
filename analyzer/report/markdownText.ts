import { chineseRuns, isChinese } from '../text/chineseRuns.ts'
import { visible } from '../text/visible.ts'

/** A word that no Markdown dialect, mention or link finder takes for anything but a word. */
const PLAIN_WORD = /^[\p{L}\p{N}]+(?:[-'’,][\p{L}\p{N}]+)*$/u
/** What may stand before and after a word in a sentence. */
const OPENING = /^["'(]+/
const CLOSING_MARKS = new Set(['.', ',', ';', ':', '!', '?', ')', '"', "'", '%'])
/** Words that forges make links of: commit hashes and `GH-12`. */
const FORGE_REFERENCE = /^(?:[0-9a-f]{7,40}|gh-\d+)$/i
/** A first word that would begin a list. */
const LIST_START = /^\d+[.)]$/

/** Untrusted text as a code span whose fence is longer than any run of backticks in it (CommonMark 0.31, 6.1). */
export function codeSpan(text: string): string {
  const shown = visible(text)
  if (shown.trim() === '') return shown === '' ? '``` ```' : `\`${shown}\``
  const fence = '`'.repeat(longestRun(shown) + 1)
  const padding = shown.startsWith('`') || shown.endsWith('`') || shown.startsWith(' ') ? ' ' : ''
  return `${fence}${padding}${shown}${padding}${fence}`
}

/** Untrusted lines as a fenced block. */
export function codeBlock(lines: readonly string[], language = ''): string {
  const shown = lines.map(visible)
  const fence = '`'.repeat(Math.max(3, longestRun(shown.join('\n')) + 1))
  return [`${fence}${language}`, ...shown, fence].join('\n')
}

/**
 * Untrusted prose: plain words and Chinese stay as they are, every other word becomes a code span, so that no markup, HTML, link, mention,
 * reference or emoji can come of it, on any forge.
 */
export function prose(text: string): string {
  const words = visible(text)
    .split(' ')
    .filter((word) => word !== '')
  return words
    .map((word, index) => (index === 0 && LIST_START.test(word) ? codeSpan(word) : proseRuns(word)))
    .join(' ')
}

/** Inside a table a bar would end the cell, even in a code span (GFM 0.29, 4.10). */
export function tableCell(markdown: string): string {
  return markdown.replaceAll('|', '\\|')
}

function proseRuns(word: string): string {
  return chineseRuns(word)
    .map((run) => (isChinese(run) ? run : proseWord(run)))
    .join('')
}

function proseWord(word: string): string {
  const opening = OPENING.exec(word)?.[0] ?? ''
  let end = word.length
  while (end > opening.length && CLOSING_MARKS.has(word.charAt(end - 1))) end -= 1
  const core = word.slice(opening.length, end)
  if (core === '') return Array.from(word).every((mark) => CLOSING_MARKS.has(mark)) ? word : codeSpan(word)
  if (core === '–' || core === '—' || core === '·') return word
  const closing = word.slice(end)
  const isPlain = PLAIN_WORD.test(core) && !FORGE_REFERENCE.test(core)
  return isPlain ? word : `${opening}${codeSpan(core)}${closing}`
}

function longestRun(text: string): number {
  let longest = 0
  let run = 0
  for (const character of text) {
    run = character === '`' ? run + 1 : 0
    if (run > longest) longest = run
  }
  return longest
}
