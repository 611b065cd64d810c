/** The words of a line, parted by spaces and tabs. */
export function words(text: string): string[] {
  return text.split(/[ \t]+/).filter((word) => word !== '')
}

/** The word that follows the first occurrence of another: the value in `… dstport 8472 …`. */
export function wordAfter(line: readonly string[], name: string): string | undefined {
  const index = line.indexOf(name)
  return index < 0 ? undefined : line[index + 1]
}
