/** Behind the key may stand when the element goes, how often it was met, and what it is for. */
const EXTRAS = new Set(['timeout', 'expires', 'counter', 'comment', 'limit', 'quota', 'ct', 'last'])

/** The key of an element, without what stands behind it. */
export function elementKey(words: readonly string[]): string {
  const end = words.findIndex((word, index) => index > 0 && EXTRAS.has(word))
  return (end < 0 ? words : words.slice(0, end)).join(' ')
}
