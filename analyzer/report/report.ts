import type { BundleInfo } from '../bundle/bundle.ts'
import type { Language, Sentence } from '../engine/language.ts'
import type { Outcome } from '../engine/outcome.ts'
import type { Figure } from './figure.ts'

/** Something handed over that is no bundle. */
export interface RejectedInput {
  readonly file: string
  /** What it looks like, and the remedy: one plain line. */
  readonly message: Sentence
}

/** All that is said of a case: the one object that renderers see. */
export interface Report {
  readonly schema: 1
  readonly tool: { readonly name: 'coldcase'; readonly version: string }
  /** What it is written in: the words of the rules stand in the outcomes already, the renderers add their own. */
  readonly language: Language
  readonly bundles: readonly BundleInfo[]
  /** What was handed over and could not be read as a bundle. */
  readonly rejected: readonly RejectedInput[]
  /** Findings first, root causes before effects, by severity, then confidence; then the rest, in the order of the rules. */
  readonly outcomes: readonly Outcome[]
  readonly figures: readonly Figure[]
}
