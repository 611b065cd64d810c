import type { RuleWords } from './caseMemory.ts'

/**
 * A reader of rules’ words that reads those which several rules share once. Words are the same for good; what is read of them must
 * never be changed.
 */
export function oncePerWords<T extends object | string>(read: (spec: string) => T): (words: RuleWords) => T {
  const known = new WeakMap<RuleWords, T>()
  return (words) => {
    if (!words.shared) return read(words.spec)
    const before = known.get(words)
    if (before !== undefined) return before
    const value = read(words.spec)
    known.set(words, value)
    return value
  }
}
