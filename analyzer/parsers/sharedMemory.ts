import { detach } from '../text/detach.ts'
import type { Mutable } from '../text/mutable.ts'
import type { CaseMemory, RuleWords } from './caseMemory.ts'

/** The memory of a case of several bundles. */
export function sharedMemory(): CaseMemory {
  const known = new Map<string, Mutable<RuleWords>>()
  const texts = new Map<string, string>()
  return {
    ruleWords(spec) {
      const words = known.get(spec)
      if (words !== undefined) {
        words.shared = true
        return words
      }
      const own = { spec: detach(spec), shared: false }
      known.set(own.spec, own)
      return own
    },
    text(text) {
      const kept = texts.get(text)
      if (kept !== undefined) return kept
      const own = detach(text)
      texts.set(own, own)
      return own
    },
  }
}
