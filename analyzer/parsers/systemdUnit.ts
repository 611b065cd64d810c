import type { Line } from '../text/line.ts'
import type { SyntaxFault } from './syntaxFault.ts'

/** A setting of a unit. */
export interface UnitAssignment {
  readonly section: string
  readonly key: string
  /** Continued lines joined by a blank. */
  readonly value: string
  readonly line: Line
}

/** A unit file or drop-in of systemd. */
export interface SystemdUnit {
  readonly assignments: readonly UnitAssignment[]
  /** Lines before the first section: systemd ignores them. */
  readonly outside: readonly Line[]
  readonly faults: readonly SyntaxFault[]
}

/**
 * Reads a unit or drop-in by the rules of systemd.syntax(7) (src/shared/conf-parser.c):
 * ```
 * [Service]
 * ExecStartPost=/usr/sbin/iptables -P FORWARD ACCEPT
 * ```
 * A line that is neither a section, a setting nor a comment is a fault; a backslash at the end joins lines.
 */
export function readSystemdUnit(lines: readonly Line[]): SystemdUnit {
  const assignments: UnitAssignment[] = []
  const outside: Line[] = []
  const faults: SyntaxFault[] = []
  let section: string | undefined
  for (const { line, text } of joinedLines(lines)) {
    const equals = text.indexOf('=')
    if (text.startsWith('[')) {
      if (text.endsWith(']')) section = text.slice(1, -1)
      else faults.push(faultOf('not-closed', 'a section header without its closing bracket', line))
    } else if (section === undefined) outside.push(line)
    else if (equals <= 0) faults.push(faultOf('unexpected', 'neither a section nor a setting', line))
    else {
      const key = text.slice(0, equals).trim()
      assignments.push({ section, key, value: text.slice(equals + 1).trim(), line })
    }
  }
  return { assignments, outside, faults }
}

/** Lines that hold something, each with what is joined to it. Comments may stand between joined lines. */
function joinedLines(lines: readonly Line[]): readonly { readonly line: Line; readonly text: string }[] {
  const joined: { line: Line; text: string; open: boolean }[] = []
  for (const line of lines) {
    const text = line.text.trim()
    const last = joined.at(-1)
    if (/^[#;]/.test(text) || (text === '' && last?.open !== true)) continue
    const open = text.endsWith('\\')
    const content = open ? text.slice(0, -1) : text
    if (last?.open === true) {
      last.text = `${last.text.trimEnd()} ${content}`
      last.open = open
    } else joined.push({ line, text: content, open })
  }
  return joined
}

function faultOf(code: SyntaxFault['code'], message: string, line: Line): SyntaxFault {
  const column = line.text.length - line.text.trimStart().length + 1
  return { code, message, line, column, character: line.text.charAt(column - 1) }
}
