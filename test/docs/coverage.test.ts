import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { coveragePage, gatherCoverage, missingRules } from '../../docs/coverage.ts'
import { folderOf } from '../../docs/ruleFolders.ts'

/** Rules that the field reports ask for and that are still to come: a rule that lands leaves the list. */
const PENDING = new Set<string>()

const covered = gatherCoverage().map((it) => [it.rule.id, it] as const)

test.each(covered)('%s has a page, a fault, a near miss and a test of its own', (id, it) => {
  expect(readFileSync(new URL(`${id}.md`, folderOf('en')), 'utf8')).toContain(`# ${id}\n`)
  expect([...it.faults, ...it.namespaces, ...it.machines]).not.toEqual([])
  expect(it.nearMisses, `a case fixtures/faults/${id}/near-miss-…`).not.toEqual([])
  expect(it.hasTest, `test/rules/…/${id}.test.ts`).toBe(true)
})

test('every rule that a field report asks for is there, or is known to be missing', () => {
  expect(missingRules().filter((id) => !PENDING.has(id))).toEqual([])
})

test('a rule that is there is pending no more', () => {
  const missing = new Set(missingRules())
  expect([...PENDING].filter((id) => !missing.has(id))).toEqual([])
})

test('docs/coverage.md is up to date (npm run docs)', () => {
  const page = readFileSync(new URL('../../docs/coverage.md', import.meta.url), 'utf8')
  expect(page).toBe(coveragePage())
})
