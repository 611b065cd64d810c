import { detach } from '../text/detach.ts'
import type { CaseMemory } from './caseMemory.ts'

/** The memory of a case of one bundle: nothing is shared, and nothing is spent on looking. */
export const ownMemory: CaseMemory = {
  ruleWords: (spec) => ({ spec: detach(spec), shared: false }),
  text: detach,
}
