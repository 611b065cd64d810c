import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, type Evidence, withNote } from '../../engine/evidence.ts'
import { type Found, found, unchecked } from '../../engine/verdict.ts'
import { type LoggedLine, confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { sysctl } from '../../facts/node/sysctl.ts'
import { captured } from '../../sources/captured.ts'
import { formatCount } from '../../text/formatCount.ts'
import { type NeighbourTableOverflow, text } from './neigh-table-overflow.text.ts'

type Note = 'entries' | 'limit' | 'fulls' | 'log'

/** gc_thresh3 of a kernel that nobody set (net/ipv4/arp.c, net/ipv6/ndisc.c). */
const DEFAULT_LIMIT = 1024
const NEARLY_FULL = 0.9

const TABLES = [
  { family: 'ipv4', log: 'arp_cache' },
  { family: 'ipv6', log: 'ndisc_cache' },
] as const

/**
 * The kernel's neighbour table is full, was full, or nearly is (net/core/neighbour.c, neigh_alloc: above gc_thresh3 no entry is made).
 * There is one table for each protocol for all network namespaces together, so that /proc/net/stat counts and `ip neigh` does not.
 */
export default defineRule({
  id: 'neigh-table-overflow',
  area: 'addresses',
  severity: 'high',
  references: [
    { title: 'Linux net/core/neighbour.c, neigh_alloc' },
    { title: 'arp(7), gc_thresh3', url: 'https://man7.org/linux/man-pages/man7/arp.7.html' },
  ],
  needs: {},
  wants: { arp: captured.arpCacheStat, ndisc: captured.ndiscCacheStat, sysctl, logs: logSignals },
  text,
  check({ arp, ndisc, sysctl, logs }, node) {
    const logged = logs?.of('neighbour-table-overflow')
    const captures = { ipv4: arp, ipv6: ndisc }
    const counted = [arp, ndisc].some((capture) => capture?.value.entries !== undefined)
    if (!counted && logged === undefined) return unchecked('notCounted')

    return TABLES.flatMap(({ family, log }): Found<NeighbourTableOverflow, Note>[] => {
      const capture = captures[family]
      const { entries, tableFulls } = capture?.value ?? {}
      const limit = sysctl?.number(`net.${family}.neigh.default.gc_thresh3`)
      const max = limit?.value ?? DEFAULT_LIMIT
      // `Neighbour table overflow.` of kernels before 3.13 names no table: it is counted as ARP's.
      const lines = (logged?.lines ?? []).filter(({ groups }) => (groups.get('table') ?? 'arp_cache') === log)
      const refused = tableFulls?.value ?? 0
      const fill = entries === undefined ? 0 : entries.value / max
      if (lines.length === 0 && refused === 0 && fill < NEARLY_FULL) return []
      const evidence: (Citation<Note> | Evidence)[] = [
        ...lines.slice(-2).map(({ origin }) => withNote<Note>(origin, 'log')),
        ...(capture && tableFulls && refused > 0
          ? [withNote<Note>(capture.cite(tableFulls.line), 'fulls', formatCount(refused))]
          : []),
        ...(capture && entries
          ? [withNote<Note>(capture.cite(entries.line), 'entries', formatCount(entries.value))]
          : []),
        ...(limit ? [withNote<Note>(limit.origin, 'limit')] : []),
      ]
      const isNow = fill >= NEARLY_FULL || lines.some(({ old }) => !old)
      return [
        found<NeighbourTableOverflow, Note>(
          {
            node: node.id,
            family,
            ...(entries && { entries: entries.value }),
            max,
            isDefault: limit === undefined,
            refused,
            isLogged: lines.length > 0,
          },
          {
            subject: log,
            severity: isNow ? 'high' : 'medium',
            confidence: confidenceOf(lines, refused),
            evidence,
            about: [`node:${node.id}`, `sysctl:${node.id}/net.${family}.neigh.default.gc_thresh3`],
          },
        ),
      ]
    })
  },
})

/** The kernel's counter is proof; a log line alone is not, nor a table that is merely close to its limit. */
function confidenceOf(lines: readonly LoggedLine[], refused: number) {
  if (refused > 0) return 'certain'
  return lines.length > 0 ? confidenceFromLog('likely', lines) : 'likely'
}
