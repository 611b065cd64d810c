/** A word of what nft prints. */
export interface NftWord {
  /** Without its quotes. */
  readonly text: string
  /** A name or free text: no keyword, whatever it says. */
  readonly quoted: boolean
}

const SPACES = new Set([' ', '\t'])
const MARKS = new Set(['{', '}', '(', ')', ',', '|'])

/**
 * Splits a rule or a list of elements as nft prints it; braces, brackets, commas and bars are words of their own. Text in quotes holds
 * no quote and no escape (libnftables, src/scanner.l); an open quote reaches to the end.
 */
export function nftWords(text: string): NftWord[] {
  const words: NftWord[] = []
  let start = -1
  const close = (end: number): void => {
    if (start >= 0) words.push({ text: text.slice(start, end), quoted: false })
    start = -1
  }
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (character === '"') {
      close(at)
      const end = text.indexOf('"', at + 1)
      words.push({ text: text.slice(at + 1, end < 0 ? undefined : end), quoted: true })
      at = end < 0 ? text.length : end
    } else if (SPACES.has(character)) close(at)
    else if (MARKS.has(character)) {
      close(at)
      words.push({ text: character, quoted: false })
    } else if (start < 0) start = at
  }
  close(text.length)
  return words
}
