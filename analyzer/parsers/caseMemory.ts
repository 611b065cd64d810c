/** The words of a rule behind `-A CHAIN `; rules of several nodes that read the same share them. */
export interface RuleWords {
  readonly spec: string
  /** More than one rule has them. */
  readonly shared: boolean
}

/**
 * What the captures of a case have in common, so that it is kept once: the nodes of a cluster have nearly the same rules and chains.
 * A text that is asked for may be part of a longer one; what is kept has memory of its own.
 */
export interface CaseMemory {
  readonly ruleWords: (spec: string) => RuleWords
  /** The same text: the one that was kept first. */
  readonly text: (text: string) => string
}
