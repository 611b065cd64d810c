import type { Rule } from '../analyzer/engine/defineRule.ts'
import type { Language } from '../analyzer/engine/language.ts'
import { explanationWords } from '../analyzer/report/explanationWords.ts'
import { reportWords } from '../analyzer/report/words.ts'

/** What the pages say beside the rules' own words. */
const WORDS: Readonly<
  Record<Language, { readonly title: string; readonly about: string; readonly columns: readonly string[] }>
> = {
  en: {
    title: 'Rules',
    about: 'Made from the rules’ own words by `npm run docs`. [中文](zh/README.md)',
    columns: ['rule', 'area', 'usual severity', 'what is wrong'],
  },
  zh: {
    title: '规则',
    about: '由 `npm run docs` 根据规则自身的文字生成。[English](../README.md)',
    columns: ['规则', '方面', '通常的严重程度', '问题'],
  },
}

/** A rule's page in one language, made of the rule's own words: docs/rules/<id>.md, docs/rules/zh/<id>.md. */
export function rulePage(rule: Rule, language: Language): string {
  const { name, looksFor, why, consequences, commonCauses, mimics, cure } = rule.explain(language)
  const { areas, severities } = reportWords(language)
  const words = explanationWords(language)
  const references = rule.references.map(({ title, url }) =>
    url === undefined ? title : `[${title}](${url})`,
  )
  const parts = [
    `# ${rule.id}`,
    `**${name}**`,
    words.kind(areas[rule.area], severities[rule.severity]),
    section(words.why, why),
    section(words.consequences, consequences),
    section(words.looksFor, looksFor),
    section(words.commonCauses, list(commonCauses)),
    section(words.cure, cure),
    section(words.mimics, mimics.length === 0 ? words.nothingKnown : list(mimics)),
    section(words.references, list(references)),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function section(heading: string, body: string): string {
  return body === '' ? '' : `## ${heading}\n\n${body}`
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n')
}

/** The list of all rules in one language: docs/rules/README.md, docs/rules/zh/README.md. */
export function ruleIndex(rules: readonly Rule[], language: Language): string {
  const { title, about, columns } = WORDS[language]
  const { areas, severities } = reportWords(language)
  const rows = rules.map(({ id, area, severity, explain }) => [
    `[${id}](${id}.md)`,
    areas[area],
    severities[severity],
    explain(language).name,
  ])
  const table = [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  return `# ${title}\n\n${about}\n\n${table.join('\n')}\n`
}
