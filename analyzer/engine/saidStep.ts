import type { Language, Sentence } from './language.ts'
import type { Step } from './outcome.ts'

/** A step that is said in every language; its commands are the same in all of them. */
export interface SaidStep {
  readonly text: Sentence
  readonly commands: readonly string[]
}

/** The steps as one language has them. */
export function stepsIn(language: Language, steps: readonly SaidStep[]): readonly Step[] {
  return steps.map(({ text, commands }) => ({ text: text[language], commands }))
}
