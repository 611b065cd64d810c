import type { Line } from './line.ts'

/** A value and the line it stands in. */
export interface Cited<T> {
  readonly value: T
  readonly line: Line
}
