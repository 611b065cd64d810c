import type { Line } from '../text/line.ts'
import type { Mutable } from '../text/mutable.ts'
import { sysctlKey } from '../text/sysctlKey.ts'
import type { LineParser } from './parser.ts'

/** A setting that a file asks for. */
export interface SysctlAssignment {
  /** The name (see sysctlKey); it may hold `*` (sysctl.d(5)). */
  readonly key: string
  /** Left out where the file only takes the key out of a pattern: `-net.ipv4.conf.eth0.rp_filter`. */
  readonly value?: string
  /** With a `-` in front: it may fail. */
  readonly ignoreErrors: boolean
  readonly line: Line
}

/**
 * `sysctl/files/…`, a file of /etc/sysctl.d and its like (sysctl.conf(5), sysctl.d(5)), in order:
 * ```
 * # Kubernetes
 * net.bridge.bridge-nf-call-iptables = 1
 * net/ipv4/conf/flannel.1/rp_filter=0
 * -net.ipv4.tcp_tw_recycle = 0
 * ```
 */
export const sysctlConf: LineParser<readonly SysctlAssignment[]> = {
  kind: 'lines',
  start() {
    const assignments: SysctlAssignment[] = []
    return {
      line(text, number) {
        const trimmed = text.trim()
        if (trimmed === '' || /^[#;]/.test(trimmed)) return true
        const assignment = readAssignment(trimmed, { number, text })
        if (assignment) assignments.push(assignment)
        return assignment !== undefined
      },
      end: () => assignments,
    }
  },
}

function readAssignment(text: string, line: Line): SysctlAssignment | undefined {
  const ignoreErrors = text.startsWith('-')
  const body = ignoreErrors ? text.slice(1) : text
  const equals = body.indexOf('=')
  if (equals < 0 && !ignoreErrors) return undefined
  const key = body.slice(0, equals < 0 ? body.length : equals).trim()
  if (!/^[^\s=]{1,255}$/.test(key)) return undefined
  const assignment: Mutable<SysctlAssignment> = { key: sysctlKey(key), ignoreErrors, line }
  if (equals >= 0) assignment.value = body.slice(equals + 1).trim()
  return assignment
}
