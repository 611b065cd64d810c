import type { BundleProblem } from '../../analyzer/bundle/bundle.ts'
import { LIMITS, type Limits } from '../../analyzer/bundle/limits.ts'
import { tarReader } from '../../analyzer/bundle/tarReader.ts'

/** What the tar reader makes of an archive: whole files in their order, and problems. */
export function listing(
  bytes: Uint8Array,
  { pieceBytes = 65_536, limits = {} }: { pieceBytes?: number; limits?: Partial<Limits> } = {},
) {
  const files: { name: string; bytes: number; text: string }[] = []
  const problems: BundleProblem[] = []
  let cut: string | null = null
  let open = { name: '', pieces: new Array<Uint8Array>() }
  const reader = tarReader(
    {
      file(name) {
        open = { name, pieces: [] }
        return true
      },
      data: (piece) => void open.pieces.push(piece.slice()),
      fileEnd() {
        const whole = Buffer.concat(open.pieces)
        files.push({ name: open.name, bytes: whole.length, text: whole.subarray(0, 2000).toString() })
      },
      fileCut() {
        cut = open.name
      },
      problem: (problem) => problems.push(problem),
    },
    { ...LIMITS, ...limits },
  )
  for (let at = 0; at < bytes.length; at += pieceBytes)
    if (!reader.push(bytes.subarray(at, at + pieceBytes))) break
  reader.end()
  return {
    files,
    names: files.map(({ name }) => name),
    codes: problems.map(({ code }) => code),
    problems,
    cut,
    sawHeader: reader.sawHeader(),
  }
}
