import type { Line } from '../text/line.ts'
import type { Mutable } from '../text/mutable.ts'
import type { LineParser } from './parser.ts'

/** How long the syncs of a job took, in microseconds. */
export interface FioSyncTimes {
  /** By percentile: 99 → 2376. */
  readonly percentiles: ReadonlyMap<number, number>
  /** The slowest one, where the line above the percentiles was read. */
  readonly maxUsec?: number
  /** The line that holds the 99th percentile; before it is read, the one that begins the percentiles. */
  readonly line: Line
}

/** A job of a fio run, or a group of them. */
export interface FioJob {
  readonly name: string
  /** Left out where fio did not sync (`fsync` or `fdatasync` not set), or is too old to say (before 3.5). */
  readonly sync?: FioSyncTimes
  readonly line: Line
}

const USEC_OF = new Map([
  ['nsec', 0.001],
  ['usec', 1],
  ['msec', 1000],
  ['sec', 1_000_000],
])

const MOST_JOBS = 1000
const JOB = /^(?<name>[^\s:][^:]{0,200}): \(groupid=\d{1,9}, jobs=\d{1,9}\): err=/
const SYNC = /^\s+sync \((?<unit>[num]?sec)\): min=/
const MAX = /\bmax=\s*(?<max>[\d.]{1,20})(?<scale>[kM])?,/
const PERCENTILES = /^\s+(?<kind>sync )?(?:\w{1,10} )?percentiles \((?<unit>[num]?sec)\):/
const ROW = /^\s+\|\s/
const CELL = /(?<percentile>\d{1,3}\.\d{1,10})th=\[\s*(?<value>\d{1,15})\]/g
/** What fio prints beside its jobs: its header, its version, its progress and its sums. */
const KNOWN =
  /^(?:\s|\.\.\.$|fio-\d|Starting \d|Jobs: |fsync\/fdatasync|Run status group|Disk stats|[^\s:][^:]{0,200}: (?:\(g=\d|Laying out IO file|No I\/O performed))/

/**
 * `extra/fio.txt`, a run of fio in its normal form, as etcd's documentation advises it (`--rw=write --ioengine=sync --fdatasync=1`):
 * ```
 * etcd-wal: (groupid=0, jobs=1): err= 0: pid=28863: Sat Nov 21 10:37:01 2026
 *   fsync/fdatasync/sync_file_range:
 *     sync (usec): min=65, max=2682, avg=152.39, stdev=211.40
 *     sync percentiles (usec):
 *      |  1.00th=[   71],  5.00th=[   82], 10.00th=[   87], 20.00th=[   93],
 *      | 99.00th=[  816], 99.50th=[ 2180], 99.90th=[ 2671], 99.95th=[ 2671],
 * ```
 * fio's stat.c chooses the unit by the values. A part of a run that was pasted without its job line is a job named ''.
 */
export const fio: LineParser<readonly FioJob[]> = {
  kind: 'lines',
  start() {
    const jobs: Mutable<FioJob>[] = []
    let maxUsec: number | undefined
    let usecOfUnit: number | undefined
    let percentiles: Map<number, number> | undefined

    const begin = (line: Line, unit: number) => {
      usecOfUnit = unit
      percentiles = new Map()
      const last = jobs.at(-1)
      const sync = { percentiles, line, ...(maxUsec === undefined ? {} : { maxUsec }) }
      if (last !== undefined && last.sync === undefined) last.sync = sync
      else if (jobs.length < MOST_JOBS) jobs.push({ name: last?.name ?? '', line, sync })
    }

    const row = (text: string, number: number) => {
      if (percentiles === undefined || usecOfUnit === undefined) return
      for (const { groups } of text.matchAll(CELL)) {
        const percentile = Number(groups?.['percentile'])
        percentiles.set(percentile, Number(groups?.['value']) * usecOfUnit)
        const last = jobs.at(-1)
        if (percentile === 99 && last?.sync !== undefined)
          last.sync = { ...last.sync, line: { number, text } }
      }
    }

    return {
      line(text, number) {
        if (text.trim() === '' || ROW.test(text)) {
          row(text, number)
          return true
        }
        const name = JOB.exec(text)?.groups?.['name']
        if (name !== undefined) {
          percentiles = undefined
          maxUsec = undefined
          if (jobs.length < MOST_JOBS) jobs.push({ name, line: { number, text } })
          return true
        }
        const unit = SYNC.exec(text)?.groups?.['unit']
        if (unit !== undefined) maxUsec = slowest(text, unit)
        const heading = PERCENTILES.exec(text)?.groups
        // Other percentiles (of clat, of slat) end those of the syncs.
        if (heading !== undefined) percentiles = undefined
        if (heading?.['kind'] !== undefined) begin({ number, text }, USEC_OF.get(heading['unit'] ?? '') ?? 1)
        return unit !== undefined || heading !== undefined || KNOWN.test(text)
      },
      end: () => jobs,
    }
  },
}

/** fio shortens large numbers: `max=1234.5k`. */
function slowest(text: string, unit: string): number | undefined {
  const { max, scale } = MAX.exec(text)?.groups ?? {}
  if (max === undefined) return undefined
  const scaled = Number(max) * (scale === 'k' ? 1000 : scale === 'M' ? 1_000_000 : 1)
  return scaled * (USEC_OF.get(unit) ?? 1)
}
