import { expect, test } from 'vitest'
import { renderCsv } from '../../analyzer/report/csv.ts'
import { explanationWords } from '../../analyzer/report/explanationWords.ts'
import { renderHtml } from '../../analyzer/report/html/renderHtml.ts'
import { renderJson } from '../../analyzer/report/json.ts'
import { renderMarkdown } from '../../analyzer/report/markdown.ts'
import type { Report } from '../../analyzer/report/report.ts'
import { renderTerminal } from '../../analyzer/report/terminal.ts'
import { reportWords } from '../../analyzer/report/words.ts'
import { sampleReport, withTexts } from './sampleReport.ts'

/** Words that Chinese writes in Latin letters, and those that hold none: a size without a unit, names side by side. */
const SHARED = new Set(['areas.iptables', 'areas.ipvs', 'areas.cni', 'areas.conntrack', 'finding.grade'])

/** The words of a table by their path; a function by its source, whose sentence is a template. */
function wordsOf(table: object, under = ''): [string, string][] {
  return Object.entries(table).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null
      ? wordsOf(value, `${under}${key}.`)
      : [[under + key, String(value)] as [string, string]],
  )
}

test.each([
  ['reports', reportWords('en'), reportWords('zh')],
  ['explanations', explanationWords('en'), explanationWords('zh')],
])('every word of the %s is there in Chinese, and is another', (_, en, zh) => {
  const english = new Map(wordsOf(en))
  const chinese = wordsOf(zh)
  expect(chinese.map(([key]) => key)).toEqual([...english.keys()])
  const same = chinese.filter(([key, words]) => words === english.get(key) && !SHARED.has(key))
  expect(same).toEqual([])
})

/** Everything that a rule or a bundle says, in words that no language of the reports has. */
const mute: Report = {
  ...withTexts(sampleReport, () => '〇'),
  language: 'zh',
  rejected: [{ file: '〇', message: { en: 'English', zh: '〇' } }],
}

/** What a Chinese report says in Latin letters: names of tools and of rules, units, formats. */
const LATIN = new Set(
  [
    'coldcase Coldcase SHA UTC API iptables IPVS CNI conntrack Service KiB MiB GiB sh ef',
    ...sampleReport.outcomes.map(({ rule }) => rule),
  ].flatMap((words) => words.split(/[ -]/)),
)

function latinWords(text: string): string[] {
  return [...new Set(text.match(/[A-Za-z]{2,}/g))].filter((word) => !LATIN.has(word))
}

test('no English sentence of the renderers stands in a Chinese report', async () => {
  expect(latinWords(renderTerminal(mute, { color: false, columns: 80 }))).toEqual([])
  const digest = /`[0-9a-f]{64}`/g
  expect(latinWords(renderMarkdown(mute).replaceAll(digest, ''))).toEqual([])
  const html = await renderHtml(mute)
  const shown = html
    .replaceAll(/<(style|script)>[^]*?<\/\1>/g, '')
    .replaceAll(/SHA-256 [0-9a-f]{64}/g, '')
    .replaceAll(/<[^<>]*>/g, ' ')
  expect(latinWords(shown)).toEqual([])
  const spoken = [...html.matchAll(/(?:aria-label|title|data-\w+)="([^"]*)"/g)].map(
    ([, words]) => words ?? '',
  )
  expect(spoken.flatMap(latinWords)).toEqual([])
})

test('keywords stay English where programs read them', () => {
  const { outcomes } = JSON.parse(renderJson({ ...sampleReport, language: 'zh' }))
  expect(outcomes[0]).toMatchObject({ state: 'found', severity: 'critical', confidence: 'certain' })
  expect(renderCsv({ ...sampleReport, language: 'zh' })).toBe(renderCsv(sampleReport))
})

test('problems of a bundle are worded in the language of the report', () => {
  const { bundles } = JSON.parse(renderJson({ ...sampleReport, language: 'zh' }))
  expect(bundles[2].problems[0].message).toBe('文件在 11264 字节处中断，未使用。')
})
