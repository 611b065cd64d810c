/** A string as Go's %q writes it. */
export interface GoQuoted {
  /** What stands between the quotes, escapes as they are. */
  readonly content: string
  /** Behind the closing quote, or the end of the text where it is missing. */
  readonly end: number
}

/** The quoted string that begins at `at`; undefined where no double quote stands there. */
export function goQuoted(text: string, at: number): GoQuoted | undefined {
  if (text[at] !== '"') return undefined
  let end = at + 1
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1
  return { content: text.slice(at + 1, end), end: Math.min(end + 1, text.length) }
}

/** The text with each escaped double quote, however often it was escaped (`\"`, `\\\"`), made a bare one. */
export function bareQuotes(text: string): string {
  return text.includes('\\') ? text.replace(/(?<!\\)\\+"/g, '"') : text
}
