/** Bytes of a line that are kept. The longest sane lines, JSON in a journal, stay far below. */
export const MAX_LINE_BYTES = 64 * 1024

/**
 * Takes a line: its text without line end, its number from 1, its bytes in the file with the line end, and how many of
 * these were beyond `MAX_LINE_BYTES` and are not in the text.
 */
export type LineSink = (text: string, number: number, byteLength: number, droppedBytes: number) => void

/** Takes the bytes of a text, in pieces cut anywhere. */
export interface LineScanner {
  /** Keeps nothing of the piece itself; the lines' texts are slices of strings of the piece's size. */
  readonly push: (piece: Uint8Array) => void
  /** Hands out a last line that has no line end. */
  readonly end: () => void
}
