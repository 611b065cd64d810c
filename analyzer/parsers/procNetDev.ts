import type { Line } from '../text/line.ts'
import { wholeNumber } from '../text/wholeNumber.ts'
import { words } from '../text/words.ts'
import type { LineParser } from './parser.ts'

/** Counters of one direction of a device. */
export interface DeviceCounters {
  readonly bytes: number
  readonly packets: number
  readonly errors: number
  readonly dropped: number
}

/** Counters of a device since it was made. */
export interface DeviceTraffic {
  readonly received: DeviceCounters
  /** `carrier` counts losses of the carrier while sending. */
  readonly sent: DeviceCounters & { readonly carrier: number }
  readonly line: Line
}

const COLUMNS = 16

/**
 * `net/dev.txt`, /proc/net/dev, by device (net/core/net-procfs.c; the columns are those of Linux 2.2 to this day):
 * ```
 * Inter-|   Receive                                                |  Transmit
 *  face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
 *     lo:     112       1    0    0    0     0          0         0      112       1    0    0    0     0       0          0
 * ```
 */
export const procNetDev: LineParser<ReadonlyMap<string, DeviceTraffic>> = {
  kind: 'lines',
  start() {
    const devices = new Map<string, DeviceTraffic>()
    return {
      line(text, number) {
        if (text.trim() === '' || text.startsWith('Inter-|') || text.startsWith(' face |')) return true
        // Large counters touch the colon; an old-style alias has a colon of its own.
        const colon = text.lastIndexOf(':')
        const name = text.slice(0, Math.max(colon, 0)).trim()
        const values = words(text.slice(colon + 1)).map((column) => wholeNumber(column))
        if (name === '' || values.length < COLUMNS || values.includes(undefined)) return false
        const at = (index: number): number => values[index] ?? 0
        devices.set(name, {
          received: { bytes: at(0), packets: at(1), errors: at(2), dropped: at(3) },
          sent: { bytes: at(8), packets: at(9), errors: at(10), dropped: at(11), carrier: at(14) },
          line: { number, text },
        })
        return true
      },
      end: () => devices,
    }
  },
}
