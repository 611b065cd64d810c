import { type Outcome, SEVERITIES } from '../engine/outcome.ts'
import type { FailOn } from './commandLine.ts'

/** The exit codes of `coldcase` (README.md). */
export const EXIT = { done: 0, findings: 1, unusable: 2, incomplete: 3, interrupted: 70 } as const

/**
 * How an analysis ends: 3 where something was lost on the way, else 1 where a finding reaches `failOn`, else 0.
 * A loss comes first: what was lost may hold what `failOn` asks for.
 */
export function exitCode(
  outcomes: readonly Outcome[],
  everythingRead: boolean,
  failOn: FailOn | undefined,
): number {
  if (!everythingRead) return EXIT.incomplete
  if (failOn === undefined) return EXIT.done
  const reached = outcomes.some(
    (outcome) =>
      outcome.state === 'found' && SEVERITIES.indexOf(outcome.severity) <= SEVERITIES.indexOf(failOn),
  )
  return reached ? EXIT.findings : EXIT.done
}
