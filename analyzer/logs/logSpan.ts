import type { LogExtract } from './logEntry.ts'
import { type LogKind, type LogRecord, logRecord } from './logRecord.ts'

/** From when to when a log reaches. */
export type LogSpan = Pick<
  LogExtract,
  'firstTimeMs' | 'lastTimeMs' | 'firstWallTime' | 'lastWallTime' | 'firstBootSeconds' | 'lastBootSeconds'
>

/** The times of the first and of the last line that tell one, out of some lines of either end. */
export function spanOf(beginning: readonly string[], newestFirst: readonly string[], kind: LogKind): LogSpan {
  const first = timed(beginning, kind)
  const last = timed(newestFirst, kind)
  return {
    ...(first?.epochMs === undefined ? {} : { firstTimeMs: first.epochMs }),
    ...(last?.epochMs === undefined ? {} : { lastTimeMs: last.epochMs }),
    ...(first?.epochMs === undefined && first?.wall !== undefined ? { firstWallTime: first.wall } : {}),
    ...(last?.epochMs === undefined && last?.wall !== undefined ? { lastWallTime: last.wall } : {}),
    ...(first?.bootSeconds === undefined ? {} : { firstBootSeconds: first.bootSeconds }),
    ...(last?.bootSeconds === undefined ? {} : { lastBootSeconds: last.bootSeconds }),
  }
}

function timed(lines: readonly string[], kind: LogKind): LogRecord | undefined {
  for (const line of lines) {
    const record = logRecord(line, kind)
    if (record.epochMs !== undefined || record.wall !== undefined || record.bootSeconds !== undefined)
      return record
  }
  return undefined
}
