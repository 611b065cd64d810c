import Papa from 'papaparse'
import type { Line } from '../text/line.ts'

/** A row of a table. */
export interface TabRow {
  readonly cells: readonly string[]
  readonly line: Line
}

/** The rows of a tab-separated table. Quotes have no meaning in it, so a row is a line; blank ones are rows as well. */
export function tabTable(text: string): readonly TabRow[] {
  const { data } = Papa.parse<string[]>(text.replaceAll('\r\n', '\n'), {
    delimiter: '\t',
    newline: '\n',
    fastMode: true,
    header: false,
    dynamicTyping: false,
    skipEmptyLines: false,
  })
  return data.map((cells, index) => ({ cells, line: { number: index + 1, text: cells.join('\t') } }))
}
