/** Names in a sentence: `a`, `a and b`, `a, b and c`; beyond `most` the rest is counted: `a, b and 7 more`. */
export function joinWords(names: readonly string[], most = 4): string {
  const shown = names.length > most ? [...names.slice(0, most - 1), `${names.length - most + 1} more`] : names
  const last = shown.at(-1) ?? ''
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(', ')} and ${last}`
}
