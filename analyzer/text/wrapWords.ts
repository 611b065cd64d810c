/** Marks that sit on the character before them. */
const NO_WIDTH = /^\p{M}$/u
/** Characters that terminals draw over two columns: East Asian wide and full-width (Unicode TR 11), and pictographs. */
const DOUBLE_WIDTH =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u

/** How many columns of a terminal a text takes. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const character of text) columns += columnsOfCharacter(character)
  return columns
}

function columnsOfCharacter(character: string): number {
  if (NO_WIDTH.test(character)) return 0
  return DOUBLE_WIDTH.test(character) ? 2 : 1
}

/** The beginning of a text that fits, with `…` in place of the rest. */
export function fitColumns(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text
  let fitted = ''
  let used = 1
  for (const character of text) {
    used += columnsOfCharacter(character)
    if (used > columns) break
    fitted += character
  }
  return `${fitted}…`
}

/** Marks that may not begin a line, and marks that may not end one (CLREQ 6.1.1). */
const CLOSING = new Set('、。，；：！？）》】」')
const OPENING = new Set('（《【「')

/**
 * Breaks a text into lines at spaces, and before and after a Chinese character; a word longer than a line stands alone and is
 * cut where it must be.
 */
export function wrapWords(text: string, columns: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  let used = 0
  const place = (unit: string, gap: string): void => {
    const width = columnsOf(unit)
    if (line !== '' && used + gap.length + width <= columns) {
      line += gap + unit
      used += gap.length + width
      return
    }
    if (line !== '') lines.push(line)
    line = unit
    used = width
  }
  for (const word of text.split(' ')) {
    const units = unitsOf(word).flatMap((unit) => pieces(unit, columns))
    for (const [index, unit] of units.entries()) place(unit, index === 0 ? ' ' : '')
  }
  return line === '' ? lines : [...lines, line]
}

/** What stays on one line: a run without wide characters, or one wide character, each with the marks that belong to it. */
function unitsOf(word: string): readonly string[] {
  const units: string[] = []
  let unit = ''
  let before = ''
  for (const character of word) {
    const isWide = DOUBLE_WIDTH.test(before) || DOUBLE_WIDTH.test(character)
    if (unit !== '' && isWide && !isBound(before, character)) {
      units.push(unit)
      unit = ''
    }
    unit += character
    before = character
  }
  return unit === '' ? units : [...units, unit]
}

/** A word longer than a line, cut where a line is full. */
function pieces(word: string, columns: number): readonly string[] {
  const cut: string[] = []
  let piece: readonly string[] = []
  let used = 0
  for (const character of word) {
    if (piece.length > 0 && used + columnsOfCharacter(character) > columns) {
      const end = cutBefore(character, piece)
      cut.push(piece.slice(0, end).join(''))
      piece = piece.slice(end)
      used = columnsOf(piece.join(''))
    }
    piece = [...piece, character]
    used += columnsOfCharacter(character)
  }
  return [...cut, piece.join('')]
}

/** Where a piece ends, so that no mark stands wrong: what is bound to the next character goes with it, unless that were all. */
function cutBefore(next: string, piece: readonly string[]): number {
  const characters = [...piece, next]
  const end = characters.findLastIndex(
    (character, index) => index > 0 && !isBound(characters[index - 1] ?? '', character),
  )
  return end < 0 ? piece.length : end
}

function isBound(before: string, after: string): boolean {
  return OPENING.has(before) || CLOSING.has(after)
}
