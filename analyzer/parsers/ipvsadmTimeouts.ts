import type { Line } from '../text/line.ts'
import type { LineParser } from './parser.ts'

/** How long IPVS keeps an idle connection, in seconds; all left out where the kernel has no IPVS. */
export interface IpvsTimeouts {
  readonly tcpSeconds?: number
  readonly tcpFinSeconds?: number
  readonly udpSeconds?: number
  readonly line?: Line
}

/**
 * `ipvsadm -Ln --timeout` (ipvsadm.c, print_timeout):
 * ```
 * Timeout (tcp tcpfin udp): 900 120 300
 * ```
 */
export const ipvsadmTimeouts: LineParser<IpvsTimeouts> = {
  kind: 'lines',
  start() {
    let timeouts: IpvsTimeouts = {}
    return {
      line(text, number) {
        if (text.trim() === '' || isIpvsMissing(text)) return true
        const [, tcp, tcpFin, udp] =
          /^Timeout \(tcp tcpfin udp\): (\d{1,9}) (\d{1,9}) (\d{1,9})\s*$/.exec(text) ?? []
        if (tcp === undefined || tcpFin === undefined || udp === undefined) return false
        timeouts = {
          tcpSeconds: Number(tcp),
          tcpFinSeconds: Number(tcpFin),
          udpSeconds: Number(udp),
          line: { number, text },
        }
        return true
      },
      end: () => timeouts,
    }
  },
}

/** What ipvsadm and its modprobe print on a kernel without IPVS. */
export function isIpvsMissing(text: string): boolean {
  return (
    text.startsWith("Can't initialize ipvs") ||
    text.startsWith('Are you sure that IP Virtual Server is built in the kernel') ||
    text.startsWith('modprobe: ')
  )
}
