import type { Cited } from '../text/cited.ts'
import { hexNumber } from '../text/wholeNumber.ts'
import { words } from '../text/words.ts'
import type { LineParser } from './parser.ts'

/** Statistics of the neighbour table of one protocol, since boot. */
export interface NeighbourStatistics {
  /** Entries in the table now. The kernel prints the same number for every processor. */
  readonly entries?: Cited<number>
  /**
   * How often an entry was refused because the table was full (gc_thresh3), over all processors; the line is that of the
   * processor with the most. Linux 4.3 and later.
   */
  readonly tableFulls?: Cited<number>
  /** Every other counter by the kernel's name (`res_failed`, `forced_gc_runs`…), summed over all processors. */
  readonly counters: ReadonlyMap<string, number>
}

/**
 * `net/arp-cache-stat.txt` and `net/ndisc-cache-stat.txt`, /proc/net/stat/{arp,ndisc}_cache: a heading and a row of
 * hexadecimal numbers for each processor (net/core/neighbour.c neigh_stat_seq_show):
 * ```
 * entries  allocs   destroys hash_grows lookups  hits     res_failed … unresolved_discards table_fulls
 * 00000002 00000007 0000000b 00000000   0000000d 00000000 00000003   … 00000000            00000000
 * ```
 */
export const procNeighStat: LineParser<NeighbourStatistics> = {
  kind: 'lines',
  start() {
    let columns: readonly string[] = []
    let entries: Cited<number> | undefined
    let fullest: Cited<number> | undefined
    const counters = new Map<string, number>()
    return {
      line(text, number) {
        const row = words(text)
        if (row.length === 0) return true
        if (row[0] === 'entries') {
          columns = row
          return true
        }
        const values = row.map(hexNumber)
        if (columns.length === 0 || row.length > columns.length || values.includes(undefined)) return false
        const line = { number, text }
        for (const [index, value = 0] of values.entries()) {
          const name = columns[index] ?? ''
          if (name === 'entries') entries ??= { value, line }
          else counters.set(name, (counters.get(name) ?? 0) + value)
          if (name === 'table_fulls' && (fullest === undefined || value > fullest.value))
            fullest = { value, line }
        }
        return true
      },
      end() {
        const tableFulls = fullest && { value: counters.get('table_fulls') ?? 0, line: fullest.line }
        return { ...(entries && { entries }), ...(tableFulls && { tableFulls }), counters }
      },
    }
  },
}
