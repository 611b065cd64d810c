import type { Rule } from '../engine/defineRule.ts'
import type { Language } from '../engine/language.ts'
import { explanationWords } from '../report/explanationWords.ts'
import { reportWords } from '../report/words.ts'
import { columnsOf, wrapWords } from '../text/wrapWords.ts'

const COLUMNS = 100

/** What `coldcase explain` prints of a rule. */
export function explainRule(rule: Rule, language: Language): string {
  const { name, looksFor, why, consequences, commonCauses, mimics, cure } = rule.explain(language)
  const { areas, severities } = reportWords(language)
  const words = explanationWords(language)
  const alike = mimics.length === 0 ? paragraph(words.nothingKnown) : list(mimics)
  const references = rule.references.map(({ title, url }) => (url === undefined ? title : `${title} ${url}`))
  const parts = [
    `${rule.id}\n${paragraph(name)}\n${paragraph(words.kind(areas[rule.area], severities[rule.severity]))}`,
    section(words.why, paragraph(why)),
    section(words.consequences, paragraph(consequences)),
    section(words.looksFor, paragraph(looksFor)),
    section(words.commonCauses, list(commonCauses)),
    section(words.cure, paragraph(cure)),
    section(words.mimics, alike),
    section(words.references, list(references)),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** What `coldcase rules` prints: id, severity and name, by area. */
export function listRules(rules: readonly Rule[], language: Language): string {
  const { areas: names, severities } = reportWords(language)
  const idColumns = Math.max(...rules.map(({ id }) => id.length))
  const severityColumns = Math.max(...Object.values(severities).map(columnsOf))
  const areas = [...new Set(rules.map(({ area }) => area))]
  const blocks = areas.map((area) => {
    const lines = rules
      .filter((rule) => rule.area === area)
      .map(({ id, severity, explain }) => {
        const grade = padded(severities[severity], severityColumns)
        return `  ${padded(id, idColumns)}  ${grade}  ${explain(language).name}`
      })
    return [names[area], ...lines].join('\n')
  })
  return `${blocks.join('\n\n')}\n`
}

function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)))
}

function section(heading: string, body: string): string {
  return body === '' ? '' : `${heading}\n${body}`
}

function paragraph(text: string): string {
  return wrapWords(text, COLUMNS - 2)
    .map((line) => `  ${line}`)
    .join('\n')
}

function list(items: readonly string[]): string {
  return items.map(bullet).join('\n')
}

function bullet(text: string): string {
  return wrapWords(text, COLUMNS - 4)
    .map((line, index) => (index === 0 ? `  - ${line}` : `    ${line}`))
    .join('\n')
}
