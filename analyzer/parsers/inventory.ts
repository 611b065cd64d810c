import Papa from 'papaparse'
import { type Address, parseAddress } from '../net/address.ts'
import { type Mac, parseMac } from '../net/mac.ts'
import type { Line } from '../text/line.ts'
import type { TextParser } from './parser.ts'

/** A node of the cluster that may have sent no bundle. */
export interface InventoryNode {
  readonly name: string
  readonly address: Address
  readonly mac?: Mac
  readonly line: Line
}

/** Titles under which the columns are known, in lower case. */
const COLUMNS = {
  name: ['node', 'name', 'hostname'],
  address: ['address', 'ip', 'internal-ip', 'internal_ip'],
  mac: ['mac', 'mac-address', 'mac_address'],
} as const

const SEPARATORS = [',', ';', '\t'] as const

/**
 * The file of `--inventory`, a CSV with a header row:
 * ```
 * node,address,mac
 * node-4,192.0.2.14,02:00:00:00:00:04
 * ```
 * Commas, semicolons or tabs separate; the address may be repeated on further rows of a node. A row without a name and a right
 * address is left unread, and so is the header, hence the whole file, where it names no such columns.
 */
export const inventory: TextParser<readonly InventoryNode[]> = {
  kind: 'text',
  maxBytes: 4 * 1024 * 1024,
  parse(text) {
    const lines = text.split(/\r?\n/).map((line, index) => ({ number: index + 1, text: line }))
    const [header, ...rows] = lines.filter((line) => line.text.trim() !== '' && !line.text.startsWith('#'))
    if (header === undefined) return { value: [], unread: [] }
    const separator = SEPARATORS.find((known) => header.text.includes(known)) ?? ','
    const titles = cells(header.text, separator).map((title) => title.toLowerCase())
    const column = (names: readonly string[]) => titles.findIndex((title) => names.includes(title))
    const [name, address, mac] = [column(COLUMNS.name), column(COLUMNS.address), column(COLUMNS.mac)]
    if (name < 0 || address < 0) return { value: [], unread: [header, ...rows] }
    const value: InventoryNode[] = []
    const unread: Line[] = []
    for (const line of rows) {
      const row = cells(line.text, separator)
      const node = readNode(row[name], row[address], mac < 0 ? undefined : row[mac], line)
      if (node === undefined) unread.push(line)
      else value.push(node)
    }
    return { value, unread }
  },
}

function cells(row: string, delimiter: string): string[] {
  const [parsed] = Papa.parse<string[]>(row, { delimiter, newline: '\n' }).data
  return (parsed ?? []).map((cell) => cell.trim())
}

function readNode(
  name: string | undefined,
  address: string | undefined,
  mac: string | undefined,
  line: Line,
): InventoryNode | undefined {
  const parsed = parseAddress(address ?? '')
  if (name === undefined || name === '' || parsed === undefined) return undefined
  const hardware = parseMac(mac ?? '')
  return { name, address: parsed, line, ...(hardware === undefined ? {} : { mac: hardware }) }
}
