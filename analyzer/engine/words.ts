import type { Shortfall } from './availability.ts'
import type { Language } from './language.ts'

/** The engine's own sentences: why something could not be checked. */
interface EngineWords {
  /** A clause that names what is short and why. */
  readonly shortfall: (shortfall: Shortfall) => string
  /** A rule that failed on content it should have survived. */
  readonly broken: (message: string) => string
}

const english: EngineWords = {
  shortfall({ code, node, what, detail }) {
    const because = detail === undefined ? '' : ` (${detail})`
    switch (code) {
      case 'absent':
        return `${what} on ${node}: not on the node${because}`
      case 'denied':
        return `${what} on ${node}: permission was denied to the collector${because}`
      case 'timeout':
        return `${what} on ${node}: the capture ran out of time${because}`
      case 'truncated':
        return `${what} on ${node}: cut off at the collector's size limit${because}`
      case 'failed':
        return `${what} on ${node}: the command failed${because}`
      case 'withheld':
        return `${what} on ${node}: withheld on purpose${because}`
      case 'not-captured':
        return `${what} on ${node}: not in the bundle${because}`
      case 'damaged':
        return `${what} on ${node}: lost with the damaged archive${because}`
      case 'unreliable':
        return `${what} on ${node}: captured, but not to be believed${because}`
      case 'undetermined':
        return `${what} on ${node}: the captures do not tell${because}`
    }
  },
  broken: (message) => `the rule failed on this bundle, which is a defect of coldcase: ${message}`,
}

const words: Readonly<Record<Language, EngineWords>> = { en: english }

/** Why a rule could not be checked, as one sentence: the first three things that are short, and how many more. */
export function wordShortfalls(shortfalls: readonly Shortfall[], language: Language): string {
  const clauses = shortfalls.slice(0, 3).map(words[language].shortfall)
  const more = shortfalls.length - clauses.length
  return more > 0 ? `${clauses.join('; ')}; and ${more} more` : clauses.join('; ')
}

/** What is said of a rule that threw. */
export function wordBroken(message: string, language: Language): string {
  return words[language].broken(message)
}
