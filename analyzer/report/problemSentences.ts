import type { BundleProblem } from '../bundle/bundle.ts'
import { counted, listed } from './words.ts'

/** Files named in one sentence. */
const MOST_NAMED = 3

/**
 * What is wrong with a bundle, a sentence for each kind, with the first of the files it is said of: `Its bytes are not those
 * that the manifest lists (14 files: net/dev.txt, net/snmp.txt, net/hosts.txt and 11 more).` The texts are the bundle's own
 * and not escaped.
 */
export function problemSentences(problems: readonly BundleProblem[]): readonly string[] {
  const codes = new Map<string, Map<string, string[]>>()
  for (const { code, message, path } of problems) {
    const messages = codes.get(code) ?? new Map<string, string[]>()
    codes.set(code, messages)
    const paths = messages.get(message) ?? []
    messages.set(message, paths)
    if (path !== undefined) paths.push(path)
  }
  return [...codes.values()].flatMap((messages) => [...messages].map(sentence))
}

function sentence([message, paths]: readonly [string, readonly string[]]): string {
  if (paths.length === 0) return message
  return `${message.replace(/\.$/, '')} (${namedFiles(paths)}).`
}

function namedFiles(paths: readonly string[]): string {
  if (paths.length <= MOST_NAMED) return listed(paths)
  const more = `${paths.length - MOST_NAMED} more`
  return `${counted(paths.length, 'file')}: ${listed([...paths.slice(0, MOST_NAMED), more])}`
}
