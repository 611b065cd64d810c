import type { LogExtract } from '../logs/logEntry.ts'
import { logReader } from '../logs/logReader.ts'
import type { LineParser } from './parser.ts'

/**
 * `kernel/dmesg.txt`, dmesg or `journalctl -k -o short-iso-precise`:
 * ```
 * [   41.572362] IPv4: martian source 192.0.2.11 from 192.0.2.13, on dev eth0
 * [Fri May 30 05:41:33 2025] nf_conntrack: nf_conntrack: table full, dropping packet
 * 2026-11-21T00:31:02.926619+0000 node-1 kernel: neighbour: arp_cache: neighbor table overflow!
 * ```
 * Also with dmesg's priorities (-x, -r), and from /var/log/messages. What the kernel's rate limit held back is the `reportedCount`
 * of `kernel-messages-suppressed`; the release that booted is the group of `kernel-version`.
 */
export const kernelLog: LineParser<LogExtract> = {
  kind: 'lines',
  start: () => logReader('kernel'),
}
