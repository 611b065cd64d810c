import type { LogExtract } from '../logs/logEntry.ts'
import { logReader } from '../logs/logReader.ts'
import type { LineParser } from './parser.ts'

/**
 * `journal/<unit>.txt`, `journalctl -u <unit> -o short-iso-precise --utc`:
 * ```
 * -- Boot 949d2a070ca54f26a6a2180db7ebc8fb --
 * 2026-11-21T00:31:02.926619+0000 node-1 kubelet[3888]: E1121 00:26:23.296965   25505 controller.go:187] failed to update lease, …
 * ```
 * Read as well: the other one-line forms of `journalctl -o` (short, short-precise, short-iso, short-full, short-unix, with-unit,
 * short-monotonic, json, cat) and a component's own log file (klog, logrus, zap, capnslog, Calico, CRI and docker logs). Indented
 * lines go on with the entry before them. Kept are the lines of `logs/signals.ts`, and from when to when the log reaches.
 */
export const journal: LineParser<LogExtract> = {
  kind: 'lines',
  start: () => logReader('journal'),
}
