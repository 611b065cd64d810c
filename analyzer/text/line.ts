/** One line of a capture, as evidence shows it. */
export interface Line {
  /** Counted from 1. */
  readonly number: number
  /** Without its line end. */
  readonly text: string
}
