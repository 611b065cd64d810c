import { type Citation, withNote } from '../../engine/evidence.ts'
import type { LoggedLine } from '../../facts/node/logSignals.ts'
import { formatCount } from '../../text/formatCount.ts'

const CITED = 3
const MINUTE_MS = 60_000

/** The last lines as evidence; their note is handed how many there are in all. */
export function lastLines<Note extends string>(
  lines: readonly LoggedLine[],
  count: number,
  note: Note,
): readonly Citation<Note>[] {
  return lines.slice(-CITED).map(({ origin }) => withNote(origin, note, formatCount(count)))
}

/** Whole minutes between the first and the last line; 0 where their times are not known. */
export function minutesOf(lines: readonly LoggedLine[]): number {
  const times = lines.flatMap(({ timeMs }) => timeMs ?? [])
  if (times.length < 2) return 0
  return Math.floor((Math.max(...times) - Math.min(...times)) / MINUTE_MS)
}

/** Whether all of them may be history: of an earlier boot, or more than a day old. */
export function areOld(lines: readonly LoggedLine[]): boolean {
  return lines.every(({ old }) => old)
}
