import type { Line } from '../text/line.ts'
import type { LineParser } from './parser.ts'

/** Counters of connection tracking since boot. */
export interface ConntrackStats {
  /**
   * By name (`insert_failed`, `drop`, `search_restart` …; which there are depends on the kernel), summed over all CPUs.
   * `entries` is the size of the one table, which the tool repeats for each CPU where it reads /proc/net/stat/nf_conntrack.
   */
  readonly totals: ReadonlyMap<string, number>
  /** How many CPUs reported; 0 of the form that has one block for all. */
  readonly cpus: number
  /** One for each CPU, or one for each counter of the block. */
  readonly lines: readonly Line[]
  /** The tool's own words when it failed. */
  readonly error?: Line
}

/**
 * `conntrack -S`. Since conntrack-tools 1.2, a line for each CPU:
 * ```
 * cpu=0   \tfound=0 invalid=4 insert=0 insert_failed=0 drop=38 early_drop=0 error=0 search_restart=0 clash_resolve=0 chaintoolong=0
 * ```
 * before that, one block:
 * ```
 * entries                 \t\t51
 * searched                \t\t8512
 * insert_failed           \t\t0
 * ```
 */
export const conntrackStats: LineParser<ConntrackStats> = {
  kind: 'lines',
  start() {
    const totals = new Map<string, number>()
    const cpus = new Set<string>()
    const lines: Line[] = []
    let error: Line | undefined
    const add = (name: string, digits: string) =>
      totals.set(name, name === 'entries' ? Number(digits) : (totals.get(name) ?? 0) + Number(digits))
    return {
      line(text, number) {
        if (text.trim() === '') return true
        const line = { number, text }
        const [cpu, ...counters] = text.trim().split(/\s+/)
        const cpuName = /^cpu=(\d{1,5})$/.exec(cpu ?? '')?.[1]
        if (cpuName !== undefined) {
          const pairs = counters.map((counter) => COUNTER.exec(counter))
          if (pairs.includes(null)) return false
          for (const [, name = '', digits = ''] of pairs.filter((pair) => pair !== null)) add(name, digits)
          cpus.add(cpuName)
          lines.push(line)
          return true
        }
        const [, name, digits] = BLOCK_LINE.exec(text) ?? []
        if (name !== undefined && digits !== undefined) {
          add(name, digits)
          lines.push(line)
          return true
        }
        if (!text.startsWith('conntrack v')) return false
        error ??= line
        return true
      },
      end: () => ({ totals, cpus: cpus.size, lines, ...(error && { error }) }),
    }
  },
}

const COUNTER = /^([a-z_]+)=(\d{1,20})$/
const BLOCK_LINE = /^([a-z_]+)\s+(\d{1,20})\s*$/
