import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { normalisedWords } from '../../parsers/iptablesNormalSpec.ts'
import type { IptablesChain, IptablesRule } from '../../parsers/iptablesTables.ts'
import { iptablesDumps } from './iptablesDumps.ts'
import type { IptablesDump } from './iptablesReadings.ts'

/** A rule that stands more than once in one chain of one table. */
export interface RepeatedRule {
  readonly table: string
  readonly chain: string
  /** The words behind `-A CHAIN `, of the first copy. */
  readonly spec: string
  readonly copies: number
  /** The copies are spelled in more than one way, as different programs spell them. */
  readonly isSpelledTwice: boolean
  readonly dump: IptablesDump
  /** The first copy. */
  readonly origin: Evidence
}

/**
 * In a table whose rules have lost matches, different rules look alike: a handful of them (ports of one protocol) say nothing,
 * hundreds can be nothing but copies.
 */
const TRUSTED_IN_TAINTED = 100

/** Rules that stand more than once, the most copies first. Counters and spelling are left out of the comparison, the order is not. */
export const repeatedRules = defineNodeFact({
  name: 'repeated rules',
  needs: { dumps: iptablesDumps },
  compute({ dumps }): Availability<readonly RepeatedRule[]> {
    const repeated: RepeatedRule[] = []
    for (const dump of dumps.filter(({ counted }) => counted)) {
      for (const table of dump.capture.value.tables.values()) {
        const blurred = dump.taints.some((taint) => taint.table === table.name && taint.why !== 'prefix-lost')
        for (const chain of table.chains.values()) {
          const found = repeatedIn(chain, table.name, dump)
          repeated.push(...found.filter(({ copies }) => !blurred || copies >= TRUSTED_IN_TAINTED))
        }
      }
    }
    return available(repeated.toSorted((a, b) => b.copies - a.copies))
  },
})

function repeatedIn(chain: IptablesChain, table: string, dump: IptablesDump): readonly RepeatedRule[] {
  if (chain.rules.length === 1 && chain.rules[0]?.copies === 1) return []
  const alike = new Map<string, IptablesRule[]>()
  for (const rule of chain.rules) {
    const key = normalisedWords(rule.words)
    const known = alike.get(key)
    if (known === undefined) alike.set(key, [rule])
    else known.push(rule)
  }
  return [...alike.values()].flatMap((rules) => {
    const copies = rules.reduce((sum, rule) => sum + rule.copies, 0)
    const [first] = rules
    if (first === undefined || copies < 2) return []
    const { spec, line } = first
    const origin = dump.capture.cite(line)
    return [{ table, chain: chain.name, spec, copies, isSpelledTwice: rules.length > 1, dump, origin }]
  })
}
