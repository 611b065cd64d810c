import { visible } from '../text/visible.ts'
import { fitColumns } from '../text/wrapWords.ts'

const REDRAW_MS = 100
/** For a terminal that does not tell its width. */
const USUAL_COLUMNS = 80

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
    return { ...silent, reading: (file) => stream.write(`coldcase: reading ${visible(file)}\n`) }
  }
  let current = ''
  let drawnAtMs = 0
  const draw = (text: string): void => {
    const columns = stream.columns > 0 ? stream.columns : USUAL_COLUMNS
    stream.write(`\r\x1b[2K${fitColumns(text, columns - 1)}`)
  }
  return {
    reading(file) {
      current = visible(file)
      draw(`reading ${current}`)
    },
    bytesRead(bytes) {
      if (nowMs() - drawnAtMs < REDRAW_MS) return
      drawnAtMs = nowMs()
      draw(`reading ${current}  ${(bytes / 1_048_576).toFixed(1)} MiB`)
    },
    done: () => draw(''),
  }
}
