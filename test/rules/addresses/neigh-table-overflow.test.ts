import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/addresses/neigh-table-overflow.ts'
import { checkRule } from '../../support/checkRule.ts'

const hex = (value: number) => value.toString(16).padStart(8, '0')
const COLUMNS =
  'entries  allocs   destroys hash_grows lookups  hits     res_failed rcv_probes_mcast rcv_probes_ucast periodic_gc_runs forced_gc_runs unresolved_discards table_fulls'

/** /proc/net/stat/arp_cache of one processor. */
const cache = (entries: number, fulls: number) =>
  `${COLUMNS}\n${hex(entries)} ${`${hex(0)} `.repeat(11)}${hex(fulls)}\n`

const judged = (entries: number, fulls = 0, sysctl = '') =>
  checkRule(rule, {
    'node-1': { 'net/arp-cache-stat.txt': cache(entries, fulls), 'sysctl/values.txt': sysctl },
  })

test('nine tenths of the default limit of 1,024 are nearly full', async () => {
  expect(await judged(921)).toMatchObject({ state: 'clear' })
  expect(await judged(922)).toMatchObject({
    state: 'found',
    findings: [{ subject: 'arp_cache', severity: 'high', confidence: 'likely' }],
  })
})

test('the limit is the node’s own', async () => {
  const raised = 'net.ipv4.neigh.default.gc_thresh3 = 8192\n'
  expect(await judged(922, 0, raised)).toMatchObject({ state: 'clear' })
  expect(await judged(7373, 0, raised)).toMatchObject({ state: 'found' })
})

test('the kernel’s counter proves what is over now', async () => {
  expect(await judged(10, 1)).toMatchObject({
    state: 'found',
    findings: [{ severity: 'medium', confidence: 'certain' }],
  })
})

test('neither counters nor logs: nothing is known', async () => {
  expect(await checkRule(rule, { 'node-1': {} })).toMatchObject({ state: 'unchecked' })
})
