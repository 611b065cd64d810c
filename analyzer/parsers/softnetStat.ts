import type { Line } from '../text/line.ts'
import { hexNumber } from '../text/wholeNumber.ts'
import { words } from '../text/words.ts'
import type { LineParser } from './parser.ts'

/** How one processor coped with the packets that came in, since boot. */
export interface SoftnetRow {
  /** Told by the kernel since 5.10; the number of the row before. */
  readonly cpu: number
  /** Packets. */
  readonly processed: number
  /** Packets dropped because the backlog (net.core.netdev_max_backlog) was full. */
  readonly dropped: number
  /** How often it had to stop with packets left over (net.core.netdev_budget). */
  readonly timeSqueeze: number
  readonly line: Line
}

const CPU_COLUMN = 12

/**
 * `net/softnet-stat.txt`, /proc/net/softnet_stat, a row of hexadecimal numbers for each processor
 * (net/core/net-procfs.c softnet_seq_show):
 * ```
 * 0007072a 00000000 00000004 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
 * ```
 */
export const softnetStat: LineParser<readonly SoftnetRow[]> = {
  kind: 'lines',
  start() {
    const rows: SoftnetRow[] = []
    return {
      line(text, number) {
        const fields = words(text)
        if (fields.length === 0) return true
        const values = fields.map(hexNumber)
        const [processed, dropped, timeSqueeze] = values
        if (processed === undefined || dropped === undefined || timeSqueeze === undefined) return false
        if (values.includes(undefined)) return false
        rows.push({
          cpu: values[CPU_COLUMN] ?? rows.length,
          processed,
          dropped,
          timeSqueeze,
          line: { number, text },
        })
        return true
      },
      end: () => rows,
    }
  },
}
