import { available } from '../../engine/availability.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { iptablesReadings } from './iptablesReadings.ts'
import { dumpShortfalls } from './iptablesShortfalls.ts'

/**
 * The dumps of a node's IPv4 rules, the default program's first, with all that is short of those that are counted: for rules that
 * look at every table. A rule on one table takes it from iptablesTables, and is spared the shortfalls of the others.
 */
export const iptablesDumps = defineNodeFact({
  name: 'iptables dumps',
  needs: { dumps: iptablesReadings },
  compute: ({ dumps }, node) =>
    available(
      dumps,
      dumps.filter(({ counted }) => counted).flatMap((dump) => dumpShortfalls(dump, node.id)),
    ),
})
