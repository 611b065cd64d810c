import { mkdir, rm, writeFile } from 'node:fs/promises'
import { LANGUAGES } from '../analyzer/engine/language.ts'
import { rules } from '../analyzer/rules/index.ts'
import { coveragePage } from './coverage.ts'
import { ruleIndex, rulePage } from './rulePage.ts'
import { folderOf } from './ruleFolders.ts'

await rm(folderOf('en'), { recursive: true, force: true })
for (const language of LANGUAGES) {
  const folder = folderOf(language)
  await mkdir(folder, { recursive: true })
  await writeFile(new URL('README.md', folder), ruleIndex(rules, language))
  for (const rule of rules) await writeFile(new URL(`${rule.id}.md`, folder), rulePage(rule, language))
}
await writeFile(new URL('coverage.md', import.meta.url), coveragePage())
