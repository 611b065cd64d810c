import { mkdir, rm, writeFile } from 'node:fs/promises'
import { rules } from '../analyzer/rules/index.ts'
import { ruleIndex, rulePage } from './rulePage.ts'

const folder = new URL('rules/', import.meta.url)
await rm(folder, { recursive: true, force: true })
await mkdir(folder)
await writeFile(new URL('README.md', folder), ruleIndex(rules))
for (const rule of rules) await writeFile(new URL(`${rule.id}.md`, folder), rulePage(rule))
