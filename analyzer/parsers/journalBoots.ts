import { type Timestamp, isoTime, journalFullTime } from '../text/timestamps.ts'
import type { Line } from '../text/line.ts'
import type { WallTime } from '../text/wallTime.ts'
import type { LineParser } from './parser.ts'

/** A boot that the journal knows. */
export interface JournalBoot {
  /** 0 is the boot in which it was collected, -1 the one before. */
  readonly index: number
  /** 32 hexadecimal digits. */
  readonly bootId: string
  /** UTC, in milliseconds since 1970, where the zone is told as UTC or as an offset. */
  readonly firstMs?: number
  readonly lastMs?: number
  /** As printed; the zone is missing where it is only a name (`CST`). */
  readonly first?: WallTime
  readonly last?: WallTime
  readonly line: Line
}

const BOOT = /^ *(-?\d{1,6}) ([\da-f]{32}) (\S.{0,200})$/
const HEADER = /^ *IDX BOOT ID +FIRST ENTRY +LAST ENTRY *$/

/**
 * `kernel/boots.txt`, `journalctl --list-boots`, in the form before and since systemd 252:
 * ```
 *  0 949d2a070ca54f26a6a2180db7ebc8fb Mon 2023-02-20 09:12:01 CST—Tue 2023-02-28 15:26:57 CST
 *
 * IDX BOOT ID                          FIRST ENTRY                 LAST ENTRY
 *   0 949d2a070ca54f26a6a2180db7ebc8fb Sat 2026-11-21 00:31:01 UTC Sat 2026-11-21 00:31:03 UTC
 * ```
 * A line of any other form is not read.
 */
export const journalBoots: LineParser<readonly JournalBoot[]> = {
  kind: 'lines',
  start() {
    const boots: JournalBoot[] = []
    return {
      line(text, number) {
        if (text.trim() === '' || HEADER.test(text)) return true
        const boot = bootOf({ number, text })
        if (boot) boots.push(boot)
        return boot !== undefined
      },
      end: () => boots,
    }
  },
}

function bootOf(line: Line): JournalBoot | undefined {
  const [, index, bootId, times] = BOOT.exec(line.text) ?? []
  if (index === undefined || bootId === undefined || times === undefined) return undefined
  const first = entryTime(times)
  const last = first && entryTime(times.slice(first.end).replace(/^[—\s]+/, ''))
  return {
    index: Number(index),
    bootId,
    ...(first?.epochMs === undefined ? {} : { firstMs: first.epochMs }),
    ...(last?.epochMs === undefined ? {} : { lastMs: last.epochMs }),
    ...(first?.wall === undefined ? {} : { first: first.wall }),
    ...(last?.wall === undefined ? {} : { last: last.wall }),
    line,
  }
}

function entryTime(text: string): Timestamp | undefined {
  return journalFullTime(text) ?? isoTime(text)
}
