import type { Cited } from '../text/cited.ts'
import { words } from '../text/words.ts'
import type { LineParser } from './parser.ts'

/** Counters by group (`TcpExt`) and name (`ListenOverflows`), since boot. The line is that of the numbers. */
export type ProtocolCounters = ReadonlyMap<string, ReadonlyMap<string, Cited<number>>>

/**
 * `net/netstat.txt` and `net/snmp.txt`, /proc/net/netstat and /proc/net/snmp: lines in pairs, names and then numbers
 * (net/ipv4/proc.c). `Tcp: MaxConn` is -1:
 * ```
 * TcpExt: SyncookiesSent SyncookiesRecv ListenOverflows
 * TcpExt: 0 0 12
 * ```
 */
export const procCounters: LineParser<ProtocolCounters> = {
  kind: 'lines',
  start() {
    const groups = new Map<string, Map<string, Cited<number>>>()
    let heading: readonly string[] = []
    return {
      line(text, number) {
        const row = words(text)
        const [label] = row
        if (label === undefined) return true
        if (!/^[A-Za-z][A-Za-z0-9]{0,31}:$/.test(label)) return false
        if (heading[0] !== label) {
          heading = row
          return row.slice(1).every((name) => /^[A-Za-z]/.test(name))
        }
        const names = heading
        heading = []
        if (row.length !== names.length || !row.slice(1).every((digits) => /^-?\d{1,20}$/.test(digits)))
          return false
        const group = label.slice(0, -1)
        const counters = groups.get(group) ?? new Map<string, Cited<number>>()
        groups.set(group, counters)
        for (const [index, name] of names.entries()) {
          if (index > 0) counters.set(name, { value: Number(row[index]), line: { number, text } })
        }
        return true
      },
      end: () => groups,
    }
  },
}
