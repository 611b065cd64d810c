import type { Sentence } from './language.ts'

/** Why something a rule would look at is not there, or not whole. The words are made in engine/words.ts. */
export interface Shortfall {
  readonly code:
    | 'absent' // the tool or file is not on the node
    | 'denied'
    | 'timeout'
    | 'truncated'
    | 'failed'
    | 'withheld'
    | 'not-captured' // neither a file nor a manifest row
    | 'damaged' // lost with the archive
    | 'unreliable' // the capture is there but cannot be believed
    | 'undetermined' // the captures are there but do not tell
  /** Id of the node it is about; a sentence where it is about no single one. */
  readonly node: string | Sentence
  /** The path, or the fact, that is short. */
  readonly what: string | Sentence
  /** A clause that says more, where the code alone does not. */
  readonly detail?: Sentence
}

/** A value that may not be had; when it can, it may still rest on captures that are not whole. */
export type Availability<T> =
  | { readonly available: true; readonly value: T; readonly shortfalls: readonly Shortfall[] }
  | { readonly available: false; readonly shortfalls: readonly Shortfall[] }

/** A value that is there. */
export function available<T>(value: T, shortfalls: readonly Shortfall[] = []): Availability<T> {
  return { available: true, value, shortfalls }
}

/** A value that cannot be had, because. */
export function unavailable(...shortfalls: readonly Shortfall[]): Availability<never> {
  return { available: false, shortfalls }
}
