/** Words behind Chinese ones: a space parts Chinese from what begins with a Latin letter or a digit, and nothing else. */
export function spaced(words: string): string {
  return /^[\dA-Za-z./`-]/.test(words) ? ` ${words}` : words
}
