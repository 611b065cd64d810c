import type { Sentence } from '../engine/language.ts'
import type { BundleProblem } from './bundle.ts'
import { visible } from '../text/visible.ts'
import type { Limits } from './limits.ts'
import { says } from './sentences.ts'

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
  if (segments.length === 0) return refused('name-unsafe', name, says.nameEmpty)
  if (name.length > limits.pathBytes || new TextEncoder().encode(name).length > limits.pathBytes) {
    return refused('limit-path-bytes', name, says.nameTooLong(limits.pathBytes))
  }
  if (segments.length > limits.pathDepth)
    return refused('limit-path-depth', name, says.nameTooDeep(limits.pathDepth))
  return { path: segments.join('/') }
}

/** A name for a message: at most 200 characters, with nothing hidden in it. */
export function escapeName(name: string): string {
  const shown = visible(name.slice(0, SHOWN_CHARACTERS))
  return name.length > SHOWN_CHARACTERS ? `${shown}…` : shown
}

const SHOWN_CHARACTERS = 200

function faultOf(name: string): Sentence | null {
  if (CONTROL.test(name)) return says.nameWithControls
  if (name.includes('\\')) return says.nameWithBackslash
  if (name.startsWith('/') || /^[A-Za-z]:/.test(name)) return says.nameAbsolute
  if (name.split('/').includes('..')) return says.nameClimbs
  return null
}

function refused(code: string, name: string, fault: Sentence): EntryName {
  const path = escapeName(name)
  return { problem: { code, message: says.nameRefused(fault), path } }
}
