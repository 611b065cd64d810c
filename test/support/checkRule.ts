import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Rule, RuleResult } from '../../analyzer/engine/defineRule.ts'
import { type TextFiles, textCluster } from './textCluster.ts'

const NODES = new URL('../../fixtures/nodes', import.meta.url).pathname

/** What a rule says, in English, of the first of these nodes. `statuses` and `rows` are those of `textCluster`. */
export async function checkRule(
  rule: Rule,
  files: TextFiles,
  statuses: Readonly<Record<string, string>> = {},
  rows = '',
): Promise<RuleResult> {
  const [node] = (await textCluster(files, statuses, rows)).nodes
  if (node === undefined) throw new Error('no node')
  return rule.check(node, 'en')
}

/** A change of a file: its whole text, what becomes of it, or null to leave it out. */
export type Change = string | ((before: string) => string) | null

/** The nodes of a sound base (fixtures/nodes), with changes on the first of them. */
export function soundFiles(base: string, changes: Readonly<Record<string, Change>> = {}): TextFiles {
  const nodes = readdirSync(join(NODES, base), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => [name, nodeFiles(join(NODES, base, name))] as const)
  const [first, ...others] = nodes
  if (first === undefined) throw new Error(`${base} has no node`)
  const [name, files] = first
  for (const [path, change] of Object.entries(changes)) {
    const before = files.get(path) ?? ''
    if (change === null) files.delete(path)
    else files.set(path, typeof change === 'string' ? change : change(before))
  }
  return Object.fromEntries(
    [[name, files] as const, ...others].map(([node, texts]) => [node, Object.fromEntries(texts)]),
  )
}

/** A replacement that must find what it replaces. */
export function replacing(from: string, to: string): (before: string) => string {
  return (before) => {
    if (!before.includes(from)) throw new Error(`'${from}' does not stand in the file`)
    return before.replaceAll(from, to)
  }
}

function nodeFiles(folder: string): Map<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return new Map(
    entries
      .filter((entry) => entry.isFile() && entry.name !== 'manifest.tsv')
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]),
  )
}
