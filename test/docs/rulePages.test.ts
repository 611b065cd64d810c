import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { rules } from '../../analyzer/rules/index.ts'
import { ruleIndex, rulePage } from '../../docs/rulePage.ts'

const folder = new URL('../../docs/rules/', import.meta.url)
const page = (name: string) => readFileSync(new URL(name, folder), 'utf8')

test('every rule has its page, and no page lacks its rule', () => {
  expect(readdirSync(folder).toSorted()).toEqual(
    ['README.md', ...rules.map(({ id }) => `${id}.md`)].toSorted(),
  )
})

test.each(rules.map((rule) => [rule.id, rule] as const))(
  'the page of %s says what the rule says (npm run docs)',
  (id, rule) => {
    expect(page(`${id}.md`)).toBe(rulePage(rule))
  },
)

test('the list of rules is up to date (npm run docs)', () => {
  expect(page('README.md')).toBe(ruleIndex(rules))
})

test('ids are unique, and named after the failing state in kebab-case', () => {
  const ids = rules.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/)
})

test('every rule says what it looks for, why, and how to cure it', () => {
  for (const rule of rules) {
    const { name, looksFor, why, cure } = rule.explain('en')
    const short = [name, looksFor, why, cure].filter((words) => words.length <= 20)
    expect({ rule: rule.id, short }).toEqual({ rule: rule.id, short: [] })
  }
})
