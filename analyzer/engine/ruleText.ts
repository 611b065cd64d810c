import type { Language } from './language.ts'
import type { Step } from './outcome.ts'

/** The words of a rule in one language. `Data` is what the rule found, `Reason` and `Note` the names it speaks of them by. */
export interface RuleText<Data, Reason extends string = never, Note extends string = never> {
  /** The rule's title in lists: the failing state, in a few words. */
  readonly name: string
  /** What it looks for, in which captures. */
  readonly looksFor: string
  /** Why that breaks things: the mechanism. */
  readonly why: string
  /** What people see: which traffic, which commands, which messages. */
  readonly consequences: string
  /** What brings it about, the most frequent first. */
  readonly commonCauses: readonly string[]
  /** Benign things that look alike, each with how it is told apart. */
  readonly mimics: readonly string[]
  /** How it is cured, in general. */
  readonly cure: string
  /** One line: what is wrong, where, with the number. */
  readonly title: (data: Data) => string
  /** What is, with the numbers; then what it means to traffic. */
  readonly summary: (data: Data) => string
  readonly ruledOut: (data: Data) => readonly string[]
  readonly remedy: (data: Data) => readonly Step[]
  readonly verify: (data: Data) => readonly Step[]
  /** Why the rule does not apply, or could not be checked. */
  readonly reasons: Readonly<Record<Reason, string>>
  /** What to see in a line of evidence. */
  readonly notes: Readonly<Record<Note, (value: string) => string>>
}

/** A rule's words in every language. */
export type RuleTexts<Data, Reason extends string = never, Note extends string = never> = Readonly<
  Record<Language, RuleText<Data, Reason, Note>>
>

/** Where the knowledge comes from: an issue, a man page, a piece of source with its version. */
export interface Reference {
  readonly title: string
  /** Left out where there is nothing to open, such as a line of source that is named by file and version. */
  readonly url?: string
}
