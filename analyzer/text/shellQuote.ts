/**
 * A text as one word of a POSIX shell, for commands that are copied from a report: as it is where it holds nothing that a shell
 * would read, else in single quotes. Control characters are dropped: a line end in a copied command would run it.
 */
export function shellQuote(text: string): string {
  const printable = text.replace(/\p{Cc}/gu, '')
  if (/^[\w@%+:,./=-]+$/.test(printable)) return printable
  return `'${printable.replaceAll("'", String.raw`'\''`)}'`
}
