import { detach } from '../text/detach.ts'
import type { JournalMarker } from './logEntry.ts'

const BOOT = /^-- Boot ([\da-f]{32}) --$/

/**
 * A line that journalctl puts between entries: `-- Boot <id> --` (since systemd 245), `-- Reboot --` (before), `-- No entries --`,
 * `-- Logs begin at …` and `-- Journal begins at …`. Undefined for any other.
 */
export function journalMarker(text: string, number: number): JournalMarker | undefined {
  const line = { number, text: detach(text.slice(0, 200)) }
  const bootId = BOOT.exec(line.text)?.[1]
  if (bootId !== undefined) return { kind: 'boot', bootId, line }
  if (line.text === '-- Reboot --') return { kind: 'reboot', line }
  if (line.text === '-- No entries --') return { kind: 'no-entries', line }
  if (/^-- (?:Logs begin|Journal begins) at /.test(line.text)) return { kind: 'begin', line }
  return undefined
}
