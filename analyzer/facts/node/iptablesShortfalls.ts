import type { Shortfall } from '../../engine/availability.ts'
import type { IptablesDump } from './iptablesReadings.ts'
import type { IptablesTaint } from './iptablesTaints.ts'

const WORDS: Readonly<Record<IptablesTaint['why'], string>> = {
  incompatible: 'it holds native nftables rules, which iptables cannot print',
  'left-out': 'nft shows rules in it, the dump leaves it out',
  'unsupported-revision': 'printed by an iptables older than the one that wrote the rules',
  'match-lost': 'printed by an iptables older than the one that wrote the rules: matches are missing',
  'native-rule': 'it holds a native nftables rule, which is printed without its condition',
  'prefix-lost':
    'printed by an iptables older than the one that wrote the rules: networks are cut to one address',
}

/** What is short of one table in a dump: it breaks off, or it is not what the kernel holds. */
export function tableShortfalls(dump: IptablesDump, table: string, node: string): Shortfall[] {
  const what = `table ${table} in ${dump.capture.path}`
  const tainted = dump.taints
    .filter((taint) => taint.table === table)
    .map(({ why }): Shortfall => ({ code: 'unreliable', node, what, detail: WORDS[why] }))
  return isCut(dump, table) ? [...tainted, cut(node, what)] : tainted
}

/** All that is short of a dump. */
export function dumpShortfalls(dump: IptablesDump, node: string): Shortfall[] {
  const { value, path } = dump.capture
  const tables = new Set([...value.tables.keys(), ...dump.taints.map(({ table }) => table)])
  const ofTables = [...tables].flatMap((table) => tableShortfalls(dump, table, node))
  return value.complete || ofTables.some(({ code }) => code === 'truncated')
    ? ofTables
    : [...ofTables, cut(node, path)]
}

/** A dump that ends behind a header may have lost any table. */
function isCut({ capture }: IptablesDump, table: string): boolean {
  const { tables, complete } = capture.value
  if (complete) return false
  return tables.get(table)?.committed !== true
}

function cut(node: string, what: string): Shortfall {
  return { code: 'truncated', node, what, detail: 'no COMMIT line' }
}
