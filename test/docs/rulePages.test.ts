import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { LANGUAGES } from '../../analyzer/engine/language.ts'
import { rules } from '../../analyzer/rules/index.ts'
import { folderOf } from '../../docs/ruleFolders.ts'
import { ruleIndex, rulePage } from '../../docs/rulePage.ts'

describe.each(LANGUAGES)('pages in %s (npm run docs)', (language) => {
  const folder = folderOf(language)
  const page = (name: string) => readFileSync(new URL(name, folder), 'utf8')

  test('every rule has its page, and no page lacks its rule', () => {
    const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())
    expect(files.map(({ name }) => name).toSorted()).toEqual(
      ['README.md', ...rules.map(({ id }) => `${id}.md`)].toSorted(),
    )
  })

  test.each(rules.map((rule) => [rule.id, rule] as const))('%s says what the rule says', (id, rule) => {
    expect(page(`${id}.md`)).toBe(rulePage(rule, language))
  })

  test('the list of rules is up to date', () => {
    expect(page('README.md')).toBe(ruleIndex(rules, language))
  })

  test('every rule says what it looks for, why, and how to cure it', () => {
    const shortest = { en: 20, zh: 3 }[language]
    for (const rule of rules) {
      const { name, looksFor, why, cure } = rule.explain(language)
      const short = [name, looksFor, why, cure].filter((words) => words.length <= shortest)
      expect({ rule: rule.id, short }).toEqual({ rule: rule.id, short: [] })
    }
  })
})

test('ids are unique, and named after the failing state in kebab-case', () => {
  const ids = rules.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/)
})
