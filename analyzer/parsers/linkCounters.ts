import type { Line } from '../text/line.ts'
import type { Mutable } from '../text/mutable.ts'
import { wholeNumber } from '../text/wholeNumber.ts'

/** Counters of one direction of an interface since it was made. What the tool did not print is left out. */
export interface LinkCounters {
  readonly bytes: number
  readonly packets: number
  readonly errors: number
  readonly dropped: number
  readonly overrun?: number
  readonly missed?: number
  readonly multicast?: number
  readonly carrier?: number
  readonly collisions?: number
  readonly length?: number
  readonly crc?: number
  readonly frame?: number
  readonly fifo?: number
  readonly aborted?: number
  readonly window?: number
  readonly heartbeat?: number
  /** How often the carrier came or went. */
  readonly transitions?: number
  /** The line with the bytes. */
  readonly line: Line
}

type CounterName = Exclude<keyof LinkCounters, 'line'>

/** iproute2's headings (ip/ipaddress.c print_link_stats64, 6.1; older ones print `overrun` in place of `missed`). */
const NAMES: ReadonlyMap<string, CounterName> = new Map([
  ['bytes', 'bytes'],
  ['packets', 'packets'],
  ['errors', 'errors'],
  ['dropped', 'dropped'],
  ['overrun', 'overrun'],
  ['missed', 'missed'],
  ['mcast', 'multicast'],
  ['carrier', 'carrier'],
  ['collsns', 'collisions'],
  ['length', 'length'],
  ['crc', 'crc'],
  ['frame', 'frame'],
  ['fifo', 'fifo'],
  ['aborted', 'aborted'],
  ['window', 'window'],
  ['heartbt', 'heartbeat'],
  ['transns', 'transitions'],
])

/**
 * Reads the row of numbers below a heading such as `RX:  bytes packets errors dropped  missed   mcast` or
 * `RX errors:  length    crc   frame    fifo overrun` into `received` or `sent`. False when a word of it is no number.
 */
export function readLinkCounters(
  draft: { received?: LinkCounters; sent?: LinkCounters },
  heading: readonly string[],
  row: readonly string[],
  line: Line,
): boolean {
  const direction = heading[0]?.startsWith('RX') ? 'received' : 'sent'
  const second = heading[1] === 'errors:'
  const columns = heading.slice(second ? 2 : 1)
  const before = second ? draft[direction] : undefined
  const counters: Mutable<LinkCounters> = before
    ? { ...before }
    : { bytes: 0, packets: 0, errors: 0, dropped: 0, line }
  if (row.length === 0) return false
  for (const [index, digits] of row.entries()) {
    const value = wholeNumber(digits)
    if (value === undefined) return false
    const name = NAMES.get(columns[index] ?? '')
    if (name) counters[name] = value
  }
  draft[direction] = counters
  return true
}
