/** A word of a command line. */
export interface ShellWord {
  /** Without its quotes and backslashes. */
  readonly text: string
  /** A part of it stood in quotes: it is no option, whatever it begins with. */
  readonly quoted: boolean
}

const SPACES = new Set([' ', '\t', '\r'])

/**
 * Splits a line into words as a shell does: `"…"` and `'…'` hold a word together, a backslash takes the next character
 * as it is. Inside double quotes iptables-save and ipset write `\"`, `\\` and `\'` (libxtables, xtables_save_string); inside
 * single quotes a backslash is a backslash, as in a shell. An open quote reaches to the end of the line.
 */
export function shellWords(line: string): ShellWord[] {
  const words: ShellWord[] = []
  let text = ''
  let quoted = false
  let quote = ''
  /** What stands from here on belongs to the word as it is: taken in one piece, which costs less than character by character. */
  let start = 0
  for (let index = 0; index < line.length; index += 1) {
    const character = line.charAt(index)
    if (character === '\\' && quote !== "'" && index + 1 < line.length) {
      text += line.slice(start, index)
      index += 1
      start = index
    } else if (quote !== '') {
      if (character !== quote) continue
      text += line.slice(start, index)
      start = index + 1
      quote = ''
    } else if (character === '"' || character === "'") {
      text += line.slice(start, index)
      start = index + 1
      quote = character
      quoted = true
    } else if (SPACES.has(character)) {
      text += line.slice(start, index)
      start = index + 1
      if (text !== '' || quoted) words.push({ text, quoted })
      text = ''
      quoted = false
    }
  }
  text += line.slice(start)
  if (text !== '' || quoted) words.push({ text, quoted })
  return words
}
