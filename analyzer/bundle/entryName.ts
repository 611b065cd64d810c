import type { BundleProblem } from './bundle.ts'
import type { Limits } from './limits.ts'

/** A name that was accepted, or why it was not. */
export type EntryName = { readonly path: string } | { readonly problem: BundleProblem }

// oxlint-disable-next-line no-control-regex -- Control characters are what it is about.
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/

/**
 * The path that the name of an archive entry, or of a manifest row, stands for: relative, segments between single
 * slashes, `.` segments left out. Nothing is ever written under a name, so that a hostile one could only mislead a reader;
 * all that could is refused: absolute and drive paths, `..`, backslashes, control characters.
 */
export function entryName(name: string, limits: Limits): EntryName {
  const fault = faultOf(name)
  if (fault !== null) return refused('name-unsafe', name, fault)
  const segments = name.split('/').filter((segment) => segment !== '' && segment !== '.')
  if (segments.length === 0) return refused('name-unsafe', name, 'it is empty')
  if (name.length > limits.pathBytes || new TextEncoder().encode(name).length > limits.pathBytes) {
    return refused('limit-path-bytes', name, `it has more than ${limits.pathBytes} bytes`)
  }
  if (segments.length > limits.pathDepth)
    return refused('limit-path-depth', name, `it is more than ${limits.pathDepth} deep`)
  return { path: segments.join('/') }
}

/** A name for a message: control characters, and all that is not printed, as `\xNN` or `\u{NNNN}`; at most 200 characters. */
export function escapeName(name: string): string {
  const escaped = name.slice(0, SHOWN_CHARACTERS).replace(/[\p{C}\p{Zl}\p{Zp}\\]/gu, escapeCharacter)
  return name.length > SHOWN_CHARACTERS ? `${escaped}…` : escaped
}

const SHOWN_CHARACTERS = 200

function escapeCharacter(character: string): string {
  if (character === '\\') return '\\\\'
  const code = character.codePointAt(0) ?? 0
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}

function faultOf(name: string): string | null {
  if (CONTROL.test(name)) return 'it has control characters'
  if (name.includes('\\')) return 'it has a backslash'
  if (name.startsWith('/') || /^[A-Za-z]:/.test(name)) return 'it is absolute'
  if (name.split('/').includes('..')) return 'it climbs with ..'
  return null
}

function refused(code: string, name: string, fault: string): EntryName {
  const path = escapeName(name)
  return { problem: { code, message: `An entry was passed over for its name: ${fault}.`, path } }
}
