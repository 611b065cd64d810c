import type { Line } from '../text/line.ts'

/** Where and why a text breaks its own grammar. */
export interface SyntaxFault {
  readonly message: string
  readonly line: Line
  /** Counted from 1. */
  readonly column: number
}
