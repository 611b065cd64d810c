import type { Rule } from '../engine/defineRule.ts'
import type { Language } from '../engine/language.ts'
import { wrapWords } from '../text/wrapWords.ts'

const COLUMNS = 100

/** What `coldcase explain` prints of a rule. */
export function explainRule(rule: Rule, language: Language): string {
  const { name, looksFor, why, mimics, cure } = rule.explain(language)
  const alike = mimics.map((mimic) => bullet(mimic)).join('\n')
  return [
    `${rule.id} (${rule.area}, ${rule.severity})`,
    paragraph(name),
    '',
    'What it looks for',
    paragraph(looksFor),
    '',
    'Why it matters',
    paragraph(why),
    '',
    'What looks alike and is harmless',
    alike === '' ? paragraph('Nothing known.') : alike,
    '',
    'How to cure it',
    paragraph(cure),
    '',
  ].join('\n')
}

/** What `coldcase rules` prints: id, severity and name, by area. */
export function listRules(rules: readonly Rule[], language: Language): string {
  const width = Math.max(...rules.map(({ id }) => id.length))
  const areas = [...new Set(rules.map(({ area }) => area))]
  const blocks = areas.map((area) => {
    const lines = rules
      .filter((rule) => rule.area === area)
      .map((rule) => `  ${rule.id.padEnd(width)}  ${rule.severity.padEnd(8)}  ${rule.explain(language).name}`)
    return [area, ...lines].join('\n')
  })
  return `${blocks.join('\n\n')}\n`
}

function paragraph(text: string): string {
  return wrapWords(text, COLUMNS - 2)
    .map((line) => `  ${line}`)
    .join('\n')
}

function bullet(text: string): string {
  return wrapWords(text, COLUMNS - 4)
    .map((line, index) => (index === 0 ? `  - ${line}` : `    ${line}`))
    .join('\n')
}
