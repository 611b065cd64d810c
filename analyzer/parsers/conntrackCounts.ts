import type { Cited } from '../text/cited.ts'
import type { Mutable } from '../text/mutable.ts'
import type { LineParser } from './parser.ts'

/** Size and fill of the connection tracking table (nf_conntrack), in entries. A key that was not there is left out. */
export interface ConntrackCounts {
  readonly count?: Cited<number>
  readonly max?: Cited<number>
  readonly buckets?: Cited<number>
}

const KEYS = ['count', 'max', 'buckets'] as const

/**
 * `conntrack/counts.txt`, the files `nf_conntrack_{count,max,buckets}` of /proc/sys/net/netfilter as the collector writes them:
 * ```
 * count=4182
 * max=131072
 * buckets=32768
 * ```
 * Empty: the module is not loaded.
 */
export const conntrackCounts: LineParser<ConntrackCounts> = {
  kind: 'lines',
  start() {
    const counts: Mutable<ConntrackCounts> = {}
    return {
      line(text, number) {
        if (text.trim() === '') return true
        const [name, digits] = text.split('=')
        const key = KEYS.find((known) => known === name)
        if (key === undefined || digits === undefined || !/^\d{1,15}$/.test(digits)) return false
        counts[key] = { value: Number(digits), line: { number, text } }
        return true
      },
      end: () => counts,
    }
  },
}
