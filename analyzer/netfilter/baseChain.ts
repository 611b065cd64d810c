import type { IptablesTable } from '../parsers/iptablesTables.ts'
import type { NftTable } from '../parsers/nftRuleset.ts'
import type { RuleChains } from './chainRules.ts'
import { iptablesChains } from './iptablesChains.ts'
import { nftChains } from './nftChains.ts'

/** Where on its way through the kernel a packet meets rules. */
export type Hook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting'

/** A chain that the kernel itself enters. All those of a hook are entered, one after the other, until one stops the packet. */
export interface BaseChain {
  readonly hook: Hook
  /** `nat` chains see the first packet of a connection, to change its addresses. */
  readonly type: 'filter' | 'nat' | 'route'
  /** Lower ones come first; left out where its name is not known. */
  readonly priority?: number
  readonly chain: string
  /** Of its table. */
  readonly chains: RuleChains
}

type Place = Pick<BaseChain, 'hook' | 'priority'>

const IN: Record<Hook, string> = {
  prerouting: 'PREROUTING',
  input: 'INPUT',
  forward: 'FORWARD',
  output: 'OUTPUT',
  postrouting: 'POSTROUTING',
}

/** Priorities of iptables' tables (linux/netfilter_ipv4.h, nf_ip_hook_priorities); nat has two. */
const PRIORITIES = new Map([
  ['raw', -300],
  ['mangle', -150],
  ['filter', 0],
  ['security', 50],
])
const DSTNAT = -100
const SRCNAT = 100

/** The base chains that a table of an iptables dump has, of either backend: the two use the same priorities. */
export function iptablesBaseChains(table: IptablesTable): readonly BaseChain[] {
  const chains = iptablesChains(table)
  return HOOKS.filter((hook) => table.chains.has(IN[hook])).flatMap((hook): BaseChain[] => {
    const place = placeOf(table.name, hook)
    const type =
      table.name === 'nat' ? 'nat' : table.name === 'mangle' && hook === 'output' ? 'route' : 'filter'
    return place === undefined ? [] : [{ ...place, type, chain: IN[hook], chains }]
  })
}

function placeOf(table: string, hook: Hook): Place | undefined {
  if (table === 'nat') return { hook, priority: hook === 'prerouting' || hook === 'output' ? DSTNAT : SRCNAT }
  const priority = PRIORITIES.get(table)
  return priority === undefined ? undefined : { hook, priority }
}

const HOOKS: readonly Hook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting']

/** The base chains of a table of nftables that IPv4 packets meet; none where the table is dormant. */
export function nftBaseChains(table: NftTable): readonly BaseChain[] {
  if (!FAMILIES.has(table.family) || table.flags.includes('dormant')) return []
  const chains = nftChains(table)
  return table.chains.flatMap(({ name, base }): BaseChain[] => {
    const hook = HOOKS.find((known) => known === base?.hook)
    const type = base?.type === 'nat' || base?.type === 'route' ? base.type : 'filter'
    const priority = base?.priority.value
    if (hook === undefined) return []
    return [{ hook, type, ...(priority !== undefined && { priority }), chain: name, chains }]
  })
}

const FAMILIES = new Set(['ip', 'inet'])
