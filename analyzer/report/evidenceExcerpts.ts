import type { Evidence } from '../engine/evidence.ts'

/** Lines of evidence out of one file, in the order in which the rule cites them. */
export interface Excerpt {
  readonly bundle: string
  readonly path: string
  readonly lines: readonly Evidence[]
}

/** Joins lines that follow each other out of the same file. */
export function excerpts(evidence: readonly Evidence[]): readonly Excerpt[] {
  const joined: { bundle: string; path: string; lines: Evidence[] }[] = []
  for (const line of evidence) {
    const last = joined.at(-1)
    if (last && last.bundle === line.bundle && last.path === line.path) last.lines.push(line)
    else joined.push({ bundle: line.bundle, path: line.path, lines: [line] })
  }
  return joined
}
