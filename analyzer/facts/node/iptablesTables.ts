import { type Availability, type Shortfall, available, unavailable } from '../../engine/availability.ts'
import { type NodeFact, defineNodeFact } from '../../engine/fact.ts'
import type { IptablesTable } from '../../parsers/iptablesTables.ts'
import { type IptablesDump, iptablesReadings } from './iptablesReadings.ts'
import { tableShortfalls } from './iptablesShortfalls.ts'

/** A table, and the dump it stands in. */
export interface TableOfDump {
  readonly dump: IptablesDump
  readonly table: IptablesTable
}

/**
 * One table of every backend that can be believed, from the dumps that are counted: none where no rule was ever made, two where
 * legacy and nf_tables both have it (a packet must pass both). Unavailable where the only dump of it cannot be believed.
 */
function tableFact(name: string): NodeFact<readonly TableOfDump[]> {
  return defineNodeFact({
    name: `iptables table ${name}`,
    needs: { dumps: iptablesReadings },
    compute({ dumps }, node): Availability<readonly TableOfDump[]> {
      const counted = dumps.filter((dump) => dump.counted)
      const shortfalls = counted.flatMap((dump): Shortfall[] => tableShortfalls(dump, name, node.id))
      const believed = counted.flatMap((dump): TableOfDump[] => {
        const table = dump.capture.value.tables.get(name)
        const isTainted = dump.taints.some((taint) => taint.table === name)
        return table === undefined || isTainted ? [] : [{ dump, table }]
      })
      return believed.length === 0 && shortfalls.length > 0
        ? unavailable(...shortfalls)
        : available(believed, shortfalls)
    },
  })
}

/** The tables of a node's IPv4 dumps as facts, each with the shortfalls of that table alone. */
export const iptablesTables = {
  filter: tableFact('filter'),
  nat: tableFact('nat'),
  mangle: tableFact('mangle'),
  raw: tableFact('raw'),
} as const
