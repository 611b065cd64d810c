import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, type Shortfall, available, unavailable } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { type NodeFact, defineNodeFact } from '../../engine/fact.ts'
import { type BaseChain, type Hook, iptablesBaseChains, nftBaseChains } from '../../netfilter/baseChain.ts'
import type { NftRuleset } from '../../parsers/nftRuleset.ts'
import { captured } from '../../sources/captured.ts'
import type { Line } from '../../text/line.ts'
import { type IptablesDump, iptablesReadings } from './iptablesReadings.ts'
import { tableShortfalls } from './iptablesShortfalls.ts'

/** A chain that the node's kernel enters, and where it is shown. */
export interface NodeBaseChain extends BaseChain {
  /** Of iptables: the dump that shows it. Left out of chains that nft shows. */
  readonly dump?: IptablesDump
  readonly cite: (line: Line) => Evidence
}

/**
 * All that packets meet at a hook of the node's kernel: these tables of iptables in both backends, as the dumps show them that are
 * counted, and the native tables as nft shows them. A table of iptables-nft that its dump does not show as the kernel holds it is taken
 * from nft; where nft was not captured whole it is left out, and a shortfall. IPv4.
 */
function hookFact(hook: Hook, tables: readonly string[]): NodeFact<readonly NodeBaseChain[]> {
  return defineNodeFact({
    name: `chains of hook ${hook}`,
    needs: { dumps: iptablesReadings },
    wants: { nft: captured.nftRuleset },
    compute({ dumps, nft }, node): Availability<readonly NodeBaseChain[]> {
      const bases: NodeBaseChain[] = []
      const shortfalls: Shortfall[] = []
      const shownByDump = new Set<string>()
      for (const dump of dumps.filter(({ counted }) => counted)) {
        for (const name of tables) {
          const short = tableShortfalls(dump, name, node.id)
          if (short.length > 0 && dump.backend !== 'legacy' && showsTable(nft, name)) continue
          shortfalls.push(...short)
          const chains = chainsOfDump(dump, name, hook)
          bases.push(...chains)
          if (dump.backend !== 'legacy' && chains.length > 0) shownByDump.add(name)
        }
      }
      if (nft) bases.push(...chainsOfNft(nft, hook, shownByDump))
      if (bases.length === 0 && shortfalls.length > 0) return unavailable(...shortfalls)
      return available(bases, shortfalls)
    },
  })
}

/** The base chains of IPv4 packets at each hook; of nat in PREROUTING and OUTPUT what nft shows, since no rule hangs on it alone. */
export const hookChains = {
  prerouting: hookFact('prerouting', ['raw', 'mangle']),
  input: hookFact('input', ['mangle', 'filter', 'security']),
  forward: hookFact('forward', ['mangle', 'filter', 'security']),
  output: hookFact('output', ['raw', 'mangle', 'filter', 'security']),
  postrouting: hookFact('postrouting', ['mangle', 'nat']),
} as const

/** Does nft show this table whole? */
function showsTable(nft: Capture<NftRuleset> | undefined, name: string): boolean {
  if (nft?.status !== 'ok') return false
  return nft.value.tables.some((table) => table.family === 'ip' && table.name === name)
}

function chainsOfDump(dump: IptablesDump, name: string, hook: Hook): readonly NodeBaseChain[] {
  const table = dump.capture.value.tables.get(name)
  if (table === undefined || dump.taints.some((taint) => taint.table === name)) return []
  return iptablesBaseChains(table)
    .filter((base) => base.hook === hook)
    .map((base) => shownIn(dump.capture, base, dump))
}

function chainsOfNft(
  nft: Capture<NftRuleset>,
  hook: Hook,
  shownByDump: ReadonlySet<string>,
): readonly NodeBaseChain[] {
  return nft.value.tables
    .filter(({ family, name }) => family !== 'ip' || !shownByDump.has(name))
    .flatMap((table) => nftBaseChains(table))
    .filter((base) => base.hook === hook)
    .map((base) => shownIn(nft, base))
}

function shownIn(capture: Capture<unknown>, base: BaseChain, dump?: IptablesDump): NodeBaseChain {
  const cite = (line: Line): Evidence => capture.cite(line)
  return dump === undefined ? { ...base, cite } : { ...base, dump, cite }
}
