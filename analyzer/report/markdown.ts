import type { BundleInfo } from '../bundle/bundle.ts'
import type { Finding, Step } from '../engine/outcome.ts'
import { formatTime } from '../text/formatTime.ts'
import { shorten } from '../text/shorten.ts'
import { type CaseSummary, summarizeCase } from './caseSummary.ts'
import { excerpts } from './evidenceExcerpts.ts'
import type { ExplainedFinding, NumberedFinding } from './explainedFindings.ts'
import { codeBlock, codeSpan, prose, tableCell } from './markdownText.ts'
import type { Cell } from './matrix.ts'
import { problemParagraph } from './problemSentences.ts'
import type { Report } from './report.ts'
import { suspectSentences } from './suspectSentences.ts'
import { type ReportWords, reportWords } from './words.ts'

/** A ticket is no place for a line of 64 KiB. */
const LONGEST_LINE = 600
/** Sources of a bundle are listed only where something is wrong with them. */
const SOUND = new Set(['ok', 'empty', 'absent', 'withheld'])

/** The report for a ticket (GitHub Flavored Markdown): nothing in it that came from a bundle is markup. */
export function renderMarkdown(report: Report): string {
  const { language } = report
  const summary = summarizeCase(report)
  const words = reportWords(language)
  const blocks = [
    `# ${prose(summary.headline)}`,
    ...summary.damaged.map((bundle) => {
      const { lead, rest } = problemParagraph(bundle, language)
      return `**${prose(lead)}** ${prose(rest)}`
    }),
    ...report.rejected.map(({ file, message }) => {
      return `**${words.bundle.notRead(codeSpan(file))}** ${prose(message[language])}`
    }),
    ...summary.causes.flatMap((cause) => findingBlocks(cause, 2, words)),
    ...minorBlocks(summary, words),
    ...matrixBlocks(summary, words),
    ...uncheckedBlocks(summary, words),
    `## ${words.sections.bundles}`,
    bundleTable(report.bundles, words),
    ...lossBlocks(report.bundles, words),
    `coldcase ${codeSpan(report.tool.version)}`,
  ]
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`
}

function findingBlocks(cause: ExplainedFinding, level: number, words: ReportWords): string[] {
  const { finding, shared, effects } = cause
  const say = words.finding
  return [
    ...body(cause, level, words),
    ...suspectBlocks(finding, words),
    ...stepBlocks(say.remedy, finding.remedy),
    ...stepBlocks(say.verify, finding.verify),
    shared.length > 0 ? say.explainsToo(shared.map(({ label }) => label)) : '',
    ...effects.flatMap((effect) => body(effect, level + 1, words, say.explainedBy(cause.label))),
  ]
}

function suspectBlocks(finding: Finding, words: ReportWords): string[] {
  const said = suspectSentences(finding, words)
  if (said.length === 0) return []
  return [`**${words.suspicion.heading}**`, prose(words.sentences(said))]
}

function body({ label, finding }: NumberedFinding, level: number, words: ReportWords, lead = ''): string[] {
  const { severity, confidence, nodes, ruledOut } = finding
  const say = words.finding
  const grade = say.grade(words.confidences[confidence], words.listed(nodes.map(codeSpan)))
  return [
    `${'#'.repeat(level)} ${label}. ${prose(finding.title)}`,
    `${lead}${capital(words.severities[severity])}${grade}${say.byRule(codeSpan(finding.rule))}`,
    prose(finding.summary),
    ...excerpts(finding.evidence).flatMap(({ bundle, path, lines }) => [
      say.fileOf(codeSpan(path), codeSpan(bundle)),
      codeBlock(
        lines.map(
          ({ line, text }) =>
            `${line > 0 ? `${line}: ` : ''}${shorten(text, LONGEST_LINE, words.moreCharacters)}`,
        ),
      ),
      lines
        .flatMap(({ line, note }) => (note === undefined ? [] : [`- ${say.noteOfLine(line, prose(note))}`]))
        .join('\n'),
    ]),
    ruledOut.length > 0
      ? `${say.lead(say.ruledOut).trimEnd()}\n\n${ruledOut.map((sentence) => `- ${prose(sentence)}`).join('\n')}`
      : '',
  ]
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

function stepBlocks(heading: string, steps: readonly Step[]): string[] {
  if (steps.length === 0) return []
  return [
    `**${heading}**`,
    ...steps.flatMap(({ text, commands }) => [
      prose(text),
      commands.length > 0
        ? codeBlock(
            commands.flatMap((command) => command.split('\n')),
            'sh',
          )
        : '',
    ]),
  ]
}

function minorBlocks({ minor }: CaseSummary, words: ReportWords): string[] {
  if (minor.length === 0) return []
  return [`## ${words.sections.alsoFound}`, ...minor.flatMap((finding) => findingBlocks(finding, 3, words))]
}

function matrixBlocks({ matrix }: CaseSummary, words: ReportWords): string[] {
  if (matrix.rows.length === 0) return []
  const rows = [
    [words.checks.area, ...matrix.nodes.map(codeSpan)],
    ['---', ...matrix.nodes.map(() => '---')],
    ...matrix.rows.map(({ area, cells }) => [
      words.areas[area],
      ...cells.map((cell) => cellText(cell, words)),
    ]),
  ]
  return [`## ${words.sections.matrix}`, table(rows)]
}

function cellText({ state, findings, unchecked }: Cell, { checks: words, finding }: ReportWords): string {
  if (state === 'found') return finding.lead(words.found) + findings.map(({ label }) => label).join(', ')
  if (state === 'partly') return words.partly + words.notChecked(unchecked)
  return words.cells[state]
}

function table(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => `| ${cells.map(tableCell).join(' | ')} |`).join('\n')
}

function uncheckedBlocks({ unchecked }: CaseSummary, words: ReportWords): string[] {
  if (unchecked.length === 0) return []
  const items = unchecked.map(({ reason, rules, nodes }) => {
    return `- ${words.checks.sharedReason(prose(reason), rules.map(codeSpan), nodes.map(codeSpan))}`
  })
  return [`## ${words.sections.unchecked}`, items.join('\n')]
}

function bundleTable(bundles: readonly BundleInfo[], words: ReportWords): string {
  const say = words.bundleTable
  const rows = bundles.map((bundle) => [
    codeSpan(bundle.id),
    bundle.collectedAt === null ? say.notKnown : codeSpan(formatTime(bundle.collectedAt)),
    words.sources.count(bundle.sources.length),
    codeSpan(bundle.file),
    codeSpan(bundle.sha256),
  ])
  return table([
    [say.node, say.collected, say.sources, say.file, 'SHA-256'],
    ['---', '---', '---', '---', '---'],
    ...rows,
  ])
}

function lossBlocks(bundles: readonly BundleInfo[], words: ReportWords): string[] {
  const say = words.sources
  const items = bundles.flatMap((bundle) =>
    bundle.sources
      .filter(({ status, dropped, unreadLines, droppedOnNode }) => {
        return !SOUND.has(status) || dropped > 0 || unreadLines > 0 || droppedOnNode > 0
      })
      .map((row) => {
        const lost = [
          row.droppedOnNode > 0 ? say.cutOnNode(words.bytes(row.droppedOnNode)) : '',
          row.dropped > 0 ? say.beyondLimit(words.bytes(row.dropped)) : '',
          row.unreadLines > 0 ? say.notUnderstood(row.unreadLines) : '',
        ].filter((clause) => clause !== '')
        const file = words.finding.fileOf(codeSpan(row.path), codeSpan(bundle.id))
        return `- ${words.sentences([file, words.clauses([words.statuses[row.status], ...lost])])}`
      }),
  )
  return items.length > 0 ? [say.intro, items.join('\n')] : []
}
