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
  /** An API server runs there, as the inventory says. */
  readonly isControlPlane: boolean
  readonly line: Line
}

/** Titles under which the columns are known, in lower case. */
const COLUMNS = {
  name: ['node', 'name', 'hostname'],
  address: ['address', 'ip', 'internal-ip', 'internal_ip'],
  mac: ['mac', 'mac-address', 'mac_address'],
  role: ['role', 'roles'],
} as const

/** What `kubectl get nodes` shows for kubeadm's nodes, before and since 1.24, Rancher's word, and k3s' own. */
const CONTROL_PLANE_ROLES = new Set(['control-plane', 'master', 'controlplane', 'server'])

const SEPARATORS = [',', ';', '\t'] as const

/**
 * The file of `--inventory`, a CSV with a header row:
 * ```
 * node,address,mac,role
 * node-4,192.0.2.14,02:00:00:00:00:04,control-plane
 * ```
 * Commas, semicolons or tabs separate; a node with several addresses has several rows. Roles are free text, of which one is known. A
 * row without a name and a right address is left unread, as is one whose hardware address is none; so is the header, hence the whole
 * file, where it names no such columns.
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
    const columnOf = (names: readonly string[]) => titles.findIndex((title) => names.includes(title))
    const places = {
      name: columnOf(COLUMNS.name),
      address: columnOf(COLUMNS.address),
      mac: columnOf(COLUMNS.mac),
      role: columnOf(COLUMNS.role),
    }
    if (places.name < 0 || places.address < 0) return { value: [], unread: [header, ...rows] }
    const value: InventoryNode[] = []
    const unread: Line[] = []
    for (const line of rows) {
      const row = cells(line.text, separator)
      const cell = (place: number): string => row[place] ?? ''
      const node = readNode(
        {
          name: cell(places.name),
          address: cell(places.address),
          mac: cell(places.mac),
          role: cell(places.role),
        },
        line,
      )
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
  { name, address, mac, role }: Readonly<Record<keyof typeof COLUMNS, string>>,
  line: Line,
): InventoryNode | undefined {
  const parsed = parseAddress(address)
  const hardware = parseMac(mac)
  const isMacKnown = mac !== '' && mac !== '-'
  if (name === '' || parsed === undefined || (isMacKnown && hardware === undefined)) return undefined
  const isControlPlane = role.split(/[\s,;/+]+/).some((one) => CONTROL_PLANE_ROLES.has(one.toLowerCase()))
  return { name, address: parsed, isControlPlane, line, ...(hardware && { mac: hardware }) }
}
