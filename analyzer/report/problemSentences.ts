import type { BundleInfo, BundleProblem } from '../bundle/bundle.ts'
import type { Language } from '../engine/language.ts'
import { reportWords } from './words.ts'

/** Files named in one sentence. */
const MOST_NAMED = 3

/**
 * What is wrong with a bundle, a sentence for each kind, with the first of the files it is said of: `Its bytes are not those
 * that the manifest lists (14 files: net/dev.txt, net/snmp.txt, net/hosts.txt and 11 more).` The texts are the bundle's own
 * and not escaped.
 */
export function problemSentences(problems: readonly BundleProblem[], language: Language): readonly string[] {
  const codes = new Map<string, Map<string, string[]>>()
  for (const { code, message, path } of problems) {
    const messages = codes.get(code) ?? new Map<string, string[]>()
    codes.set(code, messages)
    const paths = messages.get(message[language]) ?? []
    messages.set(message[language], paths)
    if (path !== undefined) paths.push(path)
  }
  const { problemOf } = reportWords(language).bundle
  return [...codes.values()].flatMap((messages) =>
    [...messages].map(([message, paths]) =>
      paths.length === 0 ? message : problemOf(message, paths.slice(0, MOST_NAMED), paths.length),
    ),
  )
}

/** The same behind what leads them, as one paragraph. */
export function problemParagraph(bundle: BundleInfo, language: Language): Paragraph {
  const { bundle: words, sentences } = reportWords(language)
  const lead = bundle.complete ? words.about(bundle.id) : words.incomplete(bundle.id)
  return { lead, rest: sentences(problemSentences(bundle.problems, language)) }
}

/** A paragraph whose first words stand out. */
export interface Paragraph {
  readonly lead: string
  readonly rest: string
}
