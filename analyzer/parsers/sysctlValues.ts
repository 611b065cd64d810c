import type { Cited } from '../text/cited.ts'
import { sysctlKey } from '../text/sysctlKey.ts'
import type { LineParser } from './parser.ts'

/** Kernel settings as they are now, by name (see sysctlKey). Several numbers of one value are parted by tabs. */
export type SysctlValues = ReadonlyMap<string, Cited<string>>

/**
 * `sysctl/values.txt`, as `sysctl -a` prints it. Complaints of sysctl(8) about keys it may not read are passed over:
 * ```
 * net.ipv4.conf.flannel/1.rp_filter = 0
 * net.ipv4.ip_local_port_range = 32768	60999
 * sysctl: permission denied on key 'fs.protected_fifos'
 * ```
 */
export const sysctlValues: LineParser<SysctlValues> = {
  kind: 'lines',
  start() {
    const values = new Map<string, Cited<string>>()
    return {
      line(text, number) {
        if (text.trim() === '' || text.startsWith('sysctl: ')) return true
        const equals = text.indexOf('=')
        const key = text.slice(0, Math.max(equals, 0)).trim()
        if (!/^[^\s=]{1,255}$/.test(key) || !/[./]/.test(key)) return false
        values.set(sysctlKey(key), { value: text.slice(equals + 1).trim(), line: { number, text } })
        return true
      },
      end: () => values,
    }
  },
}
