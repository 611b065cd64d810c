import type { BundleProblem } from './bundle.ts'
import { says } from './sentences.ts'

/** Problems of one kind that are told one by one. */
const TOLD_EACH = 20

/** What is said of a bundle that is whole all the same. */
const HARMLESS = new Set(['link-passed-over'])

/** Problems as they are found. */
export interface ProblemLog {
  readonly add: (problem: BundleProblem) => void
  /** In the order found; of a kind that came very often the first, and then how many more. */
  readonly list: () => readonly BundleProblem[]
  /** Whether entries may have been lost, or were left unread. */
  readonly lostEntries: () => boolean
  /** Nothing but harmless ones. */
  readonly harmless: () => boolean
}

/** An empty log. */
export function problemLog(): ProblemLog {
  const told: BundleProblem[] = []
  const counts = new Map<string, number>()
  return {
    add(problem) {
      const count = (counts.get(problem.code) ?? 0) + 1
      counts.set(problem.code, count)
      if (count <= TOLD_EACH) told.push(problem)
    },
    list() {
      const more = [...counts].filter(([, count]) => count > TOLD_EACH)
      return [
        ...told,
        ...more.map(([code, count]) => ({ code, message: says.moreOfThisKind(count - TOLD_EACH) })),
      ]
    },
    lostEntries: () =>
      [...counts.keys()].some((code) => /^(?:archive|limit|entry|name|file-unreadable|folder)/.test(code)),
    harmless: () => [...counts.keys()].every((code) => HARMLESS.has(code)),
  }
}
