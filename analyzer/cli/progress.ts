const REDRAW_MS = 100

/** Tells on standard error how far the work is. On a terminal it is one line that is drawn again; elsewhere a line a bundle. */
export interface Progress {
  readonly reading: (file: string) => void
  readonly bytesRead: (bytes: number) => void
  /** Takes the live line away. */
  readonly done: () => void
}

const silent: Progress = { reading() {}, bytesRead() {}, done() {} }

/** Progress for `stream`; silent when quiet. `nowMs` is a clock that only the redrawing looks at. */
export function openProgress(stream: NodeJS.WriteStream, quiet: boolean, nowMs: () => number): Progress {
  if (quiet) return silent
  if (!stream.isTTY) {
    return { ...silent, reading: (file) => stream.write(`coldcase: reading ${file}\n`) }
  }
  let current = ''
  let drawnAtMs = 0
  const draw = (text: string): void => {
    stream.write(`\r\x1b[2K${text.slice(0, stream.columns - 1)}`)
  }
  return {
    reading(file) {
      current = file
      draw(`reading ${file}`)
    },
    bytesRead(bytes) {
      if (nowMs() - drawnAtMs < REDRAW_MS) return
      drawnAtMs = nowMs()
      draw(`reading ${current}  ${(bytes / 1_048_576).toFixed(1)} MiB`)
    },
    done: () => draw(''),
  }
}
