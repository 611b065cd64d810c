import type { Shortfall } from '../../engine/availability.ts'
import type { Sentence } from '../../engine/language.ts'
import type { IptablesDump } from './iptablesReadings.ts'
import type { IptablesTaint } from './iptablesTaints.ts'

const WORDS: Readonly<Record<IptablesTaint['why'], Sentence>> = {
  incompatible: {
    en: 'it holds native nftables rules, which iptables cannot print',
    zh: '其中有原生 nftables 规则，iptables 无法输出',
  },
  'left-out': { en: 'nft shows rules in it, the dump leaves it out', zh: 'nft 显示其中有规则，导出中却没有' },
  'unsupported-revision': {
    en: 'printed by an iptables older than the one that wrote the rules',
    zh: '输出它的 iptables 比写入规则的版本旧',
  },
  'match-lost': {
    en: 'printed by an iptables older than the one that wrote the rules: matches are missing',
    zh: '输出它的 iptables 比写入规则的版本旧，缺少匹配条件',
  },
  'native-rule': {
    en: 'it holds a native nftables rule, which is printed without its condition',
    zh: '其中有一条原生 nftables 规则，输出时丢失了条件',
  },
  'prefix-lost': {
    en: 'printed by an iptables older than the one that wrote the rules: networks are cut to one address',
    zh: '输出它的 iptables 比写入规则的版本旧，网段被截成了单个地址',
  },
}
const NO_COMMIT: Sentence = { en: 'no COMMIT line', zh: '没有 COMMIT 行' }

/** What is short of one table in a dump: it breaks off, or it is not what the kernel holds. */
export function tableShortfalls(dump: IptablesDump, table: string, node: string): Shortfall[] {
  const { path } = dump.capture
  const what = { en: `table ${table} in ${path}`, zh: `${path} 中的 ${table} 表` }
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

function cut(node: string, what: Shortfall['what']): Shortfall {
  return { code: 'truncated', node, what, detail: NO_COMMIT }
}
