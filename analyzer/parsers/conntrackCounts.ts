import type { Line } from '../text/line.ts'
import type { LineParser } from './parser.ts'

/** A counter and the line it stands in. */
export interface CitedCount {
  readonly value: number
  readonly line: Line
}

/** Size and fill of the connection tracking table (nf_conntrack), in entries. A key that was not there is left out. */
export interface ConntrackCounts {
  readonly count?: CitedCount
  readonly max?: CitedCount
  readonly buckets?: CitedCount
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
    const counts: { -readonly [K in keyof ConntrackCounts]: ConntrackCounts[K] } = {}
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
