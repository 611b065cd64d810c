/** What would not be seen, or would change how its neighbours are seen: controls, formats, odd spaces, halves of pairs. */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}\u00a0\u1680\u2000-\u200a\u202f\u205f]/gu

/**
 * Text from a bundle with nothing hidden in it: control characters as `\x1b`, a tab as four spaces, invisible and
 * direction-changing characters as `⟦U+202E⟧` (Boucher and Anderson, "Trojan Source", 2021). What is returned holds no
 * character below U+0020 and none from U+007F to U+009F.
 */
export function visible(text: string): string {
  return text.replace(UNSEEN, shown)
}

function shown(character: string): string {
  if (character === '\t') return '    '
  const code = character.codePointAt(0) ?? 0
  if (code <= 0x9f) return `\\x${code.toString(16).padStart(2, '0')}`
  return `⟦U+${code.toString(16).toUpperCase().padStart(4, '0')}⟧`
}
