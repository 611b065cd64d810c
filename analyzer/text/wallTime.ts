/** A time as a clock on the wall shows it: what a time stamp says, and no more. */
export interface WallTime {
  /** Absent in syslog, `journalctl -o short` and klog. */
  readonly year?: number
  /** 1 to 12. */
  readonly month: number
  /** 1 to 31. */
  readonly day: number
  /** Milliseconds since midnight; fractions of a millisecond are kept. */
  readonly msOfDay: number
  /** East of UTC is positive. Absent: the stamp does not tell its zone. */
  readonly offsetMinutes?: number
}

/** What a bundle knows of its node's clock, for stamps that do not tell everything. */
export interface ClockAnchor {
  /** UTC, in milliseconds since 1970: no line of the bundle can be newer. */
  readonly collectedAtMs: number
  /** The node's zone when it was collected; east of UTC is positive. */
  readonly zoneOffsetMinutes: number
}

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
/** From one 29 February to the next there may be eight years (1896 to 1904, 2096 to 2104). */
const YEARS_TO_TRY = 9

/** Milliseconds since 1970 in UTC. Undefined where the stamp lacks its year or its zone, or is no date of the calendar. */
export function wallTimeMs(wall: WallTime): number | undefined {
  if (wall.year === undefined || wall.offsetMinutes === undefined) return undefined
  return calendarMs(wall, wall.year, wall.offsetMinutes)
}

/**
 * Milliseconds since 1970 in UTC, with zone and year taken from the bundle where the stamp lacks them. The year is the last in
 * which the stamp is not more than a day after the collection (clocks differ): a line of December in a bundle of January is
 * of the year before. Undefined where the stamp is no date of the calendar.
 */
export function anchoredTimeMs(wall: WallTime, anchor: ClockAnchor): number | undefined {
  const offset = wall.offsetMinutes ?? anchor.zoneOffsetMinutes
  if (wall.year !== undefined) return calendarMs(wall, wall.year, offset)
  const latest = anchor.collectedAtMs + DAY_MS
  const lastYear = new Date(latest + offset * MINUTE_MS).getUTCFullYear()
  for (let year = lastYear; year > lastYear - YEARS_TO_TRY; year--) {
    const ms = calendarMs(wall, year, offset)
    if (ms !== undefined && ms <= latest) return ms
  }
  return undefined
}

function calendarMs(wall: WallTime, year: number, offsetMinutes: number): number | undefined {
  const midnight = Date.UTC(year, wall.month - 1, wall.day)
  const date = new Date(midnight)
  // Date.UTC takes the years 0 to 99 for 1900 to 1999.
  if (date.getUTCFullYear() !== year) return undefined
  if (date.getUTCMonth() !== wall.month - 1 || date.getUTCDate() !== wall.day) return undefined
  return midnight + wall.msOfDay - offsetMinutes * MINUTE_MS
}
