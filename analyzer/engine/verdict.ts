import type { Citation, Evidence } from './evidence.ts'
import type { Confidence, Severity } from './outcome.ts'

/**
 * What a finding is about, so that a cause and its effects can be joined: `address:192.0.2.7`, `chain:filter/FORWARD`,
 * `path:192.0.2.7 192.0.2.8` (the way between two addresses, see pathBetween).
 */
export type Subject =
  `${'address' | 'path' | 'mac' | 'chain' | 'node' | 'certificate' | 'service' | 'device' | 'network' | 'sysctl'}:${string}`

/** A fault that a rule found. */
export interface Found<Data, Note extends string = string> {
  readonly verdict: 'found'
  readonly data: Data
  readonly confidence: Confidence
  readonly evidence: readonly (Citation<Note> | Evidence)[]
  /** Tells this finding from the rule's others on the node; part of its id. */
  readonly subject: string
  /** In place of the rule's severity. */
  readonly severity?: Severity
  /** What it is about, for linking causes with effects. */
  readonly about?: readonly Subject[]
  /** Nodes concerned beside the one the rule ran for. */
  readonly nodes?: readonly string[]
}

/** Nothing found. */
export interface ClearVerdict {
  readonly verdict: 'clear'
}

/** Nothing to say, for a reason that the rule's text module words. */
export interface SilentVerdict<Reason extends string> {
  readonly verdict: 'not-applicable' | 'unchecked'
  readonly reason: Reason
}

/** What a rule's check returns: one verdict, or a list of faults (none: clear). */
export type CheckResult<Data, Reason extends string, Note extends string> =
  ClearVerdict | SilentVerdict<Reason> | Found<Data, Note> | readonly Found<Data, Note>[]

/** A fault, with the lines that prove it. */
export function found<Data, Note extends string = never>(
  data: Data,
  proof: Omit<Found<Data, Note>, 'verdict' | 'data'>,
): Found<Data, Note> {
  return { verdict: 'found', data, ...proof }
}

/** Looked, and nothing is wrong. */
export function clear(): ClearVerdict {
  return { verdict: 'clear' }
}

/** The rule has no business here. */
export function notApplicable<Reason extends string>(reason: Reason): SilentVerdict<Reason> {
  return { verdict: 'not-applicable', reason }
}

/** The captures are there, but do not tell. */
export function unchecked<Reason extends string>(reason: Reason): SilentVerdict<Reason> {
  return { verdict: 'unchecked', reason }
}
