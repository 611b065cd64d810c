import type { Line } from '../text/line.ts'
import { wholeNumber } from '../text/wholeNumber.ts'
import type { TextParser } from './parser.ts'
import { type TabRow, tabTable } from './tabTable.ts'

const STATUSES = ['ok', 'empty', 'absent', 'denied', 'timeout', 'truncated', 'failed', 'withheld'] as const

/** The manifest's word for how a capture went (docs/bundle-format.md). */
export type CaptureStatus = (typeof STATUSES)[number]

/** What the collector says of one capture. */
export interface ManifestRow {
  /** Its name for people; the path decides what a file is. */
  readonly source: string
  /** Inside the bundle; as written, and so not to be trusted. */
  readonly path: string
  readonly status: CaptureStatus
  /** Absent where no command ran. */
  readonly exitCode?: number
  readonly milliseconds?: number
  /** Bytes in the bundle. */
  readonly bytes?: number
  /** Bytes cut off on the node. */
  readonly dropped: number
  /** Lower-case hexadecimal. */
  readonly sha256?: string
  readonly command: string
  readonly line: Line
}

/** The manifest of a bundle. */
export interface Manifest {
  /** Version of the bundle format, be it one of the future; undefined when the first line tells none. */
  readonly version: number | undefined
  readonly rows: readonly ManifestRow[]
}

const COLUMNS = ['source', 'path', 'status', 'exit', 'ms', 'bytes', 'dropped', 'sha256', 'command'] as const
const NONE = '-'

/**
 * `manifest.tsv` (docs/bundle-format.md), tab-separated and without quoting:
 * ```
 * # coldcase-bundle 1
 * source	path	status	exit	ms	bytes	dropped	sha256	command
 * ip-addr	net/ip-addr.txt	ok	0	4	1663	0	9f86d081…	ip -d addr show
 * ```
 * A row with an unknown status or another number of columns is unread.
 */
export const manifest: TextParser<Manifest> = {
  kind: 'text',
  maxBytes: 64 * 1024 * 1024,
  parse(text) {
    const rows: ManifestRow[] = []
    const unread: Line[] = []
    let version: number | undefined
    for (const row of tabTable(text)) {
      version ??= versionOf(row.line)
      if (row.line.text.trim() === '' || row.line.text.startsWith('#') || isHeader(row)) continue
      const read = rowOf(row)
      if (read === undefined) unread.push(row.line)
      else rows.push(read)
    }
    return { value: { version, rows }, unread }
  },
}

function versionOf({ number, text }: Line): number | undefined {
  return number === 1 ? wholeNumber(/^# coldcase-bundle (\d{1,9})\s*$/.exec(text)?.[1]) : undefined
}

function isHeader({ cells }: TabRow): boolean {
  return COLUMNS.every((column, index) => cells[index] === column)
}

function rowOf({ cells, line }: TabRow): ManifestRow | undefined {
  const [source = '', path = '', word, exit = '', ms, bytes, dropped, sha256 = '', command = ''] = cells
  const status = STATUSES.find((known) => known === word)
  if (cells.length !== COLUMNS.length || status === undefined || path === '') return undefined
  const milliseconds = wholeNumber(ms)
  const size = wholeNumber(bytes)
  return {
    source,
    path,
    status,
    ...(/^-?\d{1,9}$/.test(exit) ? { exitCode: Number(exit) } : {}),
    ...(milliseconds === undefined ? {} : { milliseconds }),
    ...(size === undefined ? {} : { bytes: size }),
    dropped: wholeNumber(dropped) ?? 0,
    ...(/^[0-9a-f]{64}$/i.test(sha256) ? { sha256: sha256.toLowerCase() } : {}),
    command: command === NONE ? '' : command,
    line,
  }
}
