import type { OffsetFault } from './syntaxFault.ts'

const TOKEN = /"(?:[^"\\]|\\[^])*"|[^\s"]\S*/g

/**
 * The first place where a Corefile breaks the grammar of CoreDNS's caddyfile lexer: braces that do not pair, a quote that is not
 * closed. Which plugins there are depends on the build, so their names are not judged. A brace is one only where it stands alone.
 * ```
 * .:53 {
 *     forward . /etc/resolv.conf
 * }
 * ```
 */
export function findCorefileFault(text: string): OffsetFault | undefined {
  const open: number[] = []
  const tokens = withoutComments(text)
  for (const match of tokens.matchAll(TOKEN)) {
    const { 0: token, index: offset } = match
    if (token === '{') open.push(offset)
    if (token === '}' && open.pop() === undefined) {
      return { offset, code: 'unexpected', message: 'a closing brace that closes nothing' }
    }
  }
  const quote = tokens.replace(TOKEN, (token) => ' '.repeat(token.length)).indexOf('"')
  if (quote >= 0) return { offset: quote, code: 'not-closed', message: 'a quote that is not closed' }
  const last = open.at(-1)
  return last === undefined
    ? undefined
    : { offset: last, code: 'not-closed', message: 'a brace that is not closed' }
}

/** The same text with its comments blanked, so that offsets stay. A `#` inside a word begins none. */
function withoutComments(text: string): string {
  return text.replace(/(?<=^|\s)#[^\n]*/g, (comment) => ' '.repeat(comment.length))
}
