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

  test('every rule says all there is to say', () => {
    const shortest = { en: 20, zh: 3 }[language]
    for (const rule of rules) {
      const { name, looksFor, why, consequences, commonCauses, cure } = rule.explain(language)
      const short = [name, looksFor, why, consequences, cure].filter((words) => words.length <= shortest)
      const lists = { causes: commonCauses.length > 0, references: rule.references.length > 0 }
      expect({ rule: rule.id, short, ...lists }).toEqual({
        rule: rule.id,
        short: [],
        causes: true,
        references: true,
      })
    }
  })
})

test('ids are unique, and named after the failing state in kebab-case', () => {
  const ids = rules.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/)
})

test('a rule’s words in Chinese are not those in English', () => {
  for (const rule of rules) {
    const [english, chinese] = [rule.explain('en'), rule.explain('zh')]
    const same = Object.keys(english).filter((key) => {
      const field = key as keyof typeof english
      return english[field].length > 0 && String(english[field]) === String(chinese[field])
    })
    expect({ rule: rule.id, same }).toEqual({ rule: rule.id, same: [] })
  }
})
