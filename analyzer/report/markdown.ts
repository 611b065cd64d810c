import type { BundleInfo } from '../bundle/bundle.ts'
import type { Step } from '../engine/outcome.ts'
import { formatBytes } from '../text/formatBytes.ts'
import { formatTime } from '../text/formatTime.ts'
import { shorten } from '../text/shorten.ts'
import { type CaseSummary, summarizeCase } from './caseSummary.ts'
import { excerpts } from './evidenceExcerpts.ts'
import type { ExplainedFinding, NumberedFinding } from './explainedFindings.ts'
import { codeBlock, codeSpan, prose, tableCell } from './markdownText.ts'
import type { Cell } from './matrix.ts'
import { problemSentences } from './problemSentences.ts'
import type { Report } from './report.ts'
import { AREA_NAMES, bundleNotice, counted, listed } from './words.ts'

/** A ticket is no place for a line of 64 KiB. */
const LONGEST_LINE = 600
/** Sources of a bundle are listed only where something is wrong with them. */
const SOUND = new Set(['ok', 'empty', 'absent', 'withheld'])

/** The report for a ticket (GitHub Flavored Markdown): nothing in it that came from a bundle is markup. */
export function renderMarkdown(report: Report): string {
  const summary = summarizeCase(report)
  const blocks = [
    `# ${prose(summary.headline)}`,
    ...summary.damaged.map(
      (bundle) => `**${prose(bundleNotice(bundle))}** ${prose(problemSentences(bundle.problems).join(' '))}`,
    ),
    ...report.rejected.map(({ file, message }) => `**Not read:** ${codeSpan(file)}, ${prose(message)}`),
    ...summary.causes.flatMap((cause) => findingBlocks(cause, 2)),
    ...minorBlocks(summary),
    ...matrixBlocks(summary),
    ...uncheckedBlocks(summary),
    '## Bundles',
    bundleTable(report.bundles),
    ...lossBlocks(report.bundles),
    `coldcase ${codeSpan(report.tool.version)}`,
  ]
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`
}

function findingBlocks(cause: ExplainedFinding, level: number): string[] {
  const { finding } = cause
  return [
    ...body(cause, level),
    ...stepBlocks('Remedy', finding.remedy),
    ...stepBlocks('Verify', finding.verify),
    cause.shared.length > 0 ? `Explains also ${listed(cause.shared.map(({ label }) => label))}.` : '',
    ...cause.effects.flatMap((effect) => body(effect, level + 1, `Explained by ${cause.label}. `)),
  ]
}

function body({ label, finding }: NumberedFinding, level: number, lead = ''): string[] {
  const { severity, confidence, nodes, ruledOut } = finding
  return [
    `${'#'.repeat(level)} ${label}. ${prose(finding.title)}`,
    `${lead}${capital(severity)}, ${confidence}, on ${listed(nodes.map(codeSpan))}. Rule ${codeSpan(finding.rule)}.`,
    prose(finding.summary),
    ...excerpts(finding.evidence).flatMap(({ bundle, path, lines }) => [
      `${codeSpan(path)} of ${codeSpan(bundle)}:`,
      codeBlock(
        lines.map(({ line, text }) => `${line > 0 ? `${line}: ` : ''}${shorten(text, LONGEST_LINE)}`),
      ),
      lines
        .flatMap(({ line, note }) =>
          note === undefined ? [] : [`- ${line > 0 ? `line ${line}: ` : ''}${prose(note)}`],
        )
        .join('\n'),
    ]),
    ruledOut.length > 0
      ? `Ruled out:\n\n${ruledOut.map((sentence) => `- ${prose(sentence)}`).join('\n')}`
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

function minorBlocks({ minor }: CaseSummary): string[] {
  if (minor.length === 0) return []
  return ['## Also found', ...minor.flatMap((finding) => findingBlocks(finding, 3))]
}

function matrixBlocks({ matrix }: CaseSummary): string[] {
  if (matrix.rows.length === 0) return []
  const rows = [
    ['Area', ...matrix.nodes.map(codeSpan)],
    ['---', ...matrix.nodes.map(() => '---')],
    ...matrix.rows.map(({ area, cells }) => [AREA_NAMES[area], ...cells.map(cellText)]),
  ]
  return ['## What was looked at', table(rows)]
}

function cellText({ state, findings, unchecked }: Cell): string {
  switch (state) {
    case 'found':
      return `found: ${findings.map(({ label }) => label).join(', ')}`
    case 'partly':
      return `clear, ${unchecked} not checked`
    case 'unchecked':
      return 'not checked'
    case 'clear':
      return 'clear'
    case 'not-applicable':
      return 'not applicable'
    case 'nothing':
      return 'no check'
  }
}

function table(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => `| ${cells.map(tableCell).join(' | ')} |`).join('\n')
}

function uncheckedBlocks({ unchecked }: CaseSummary): string[] {
  if (unchecked.length === 0) return []
  const items = unchecked.map(({ reason, rules, nodes }) => {
    return `- ${prose(reason)} (${listed(rules.map(codeSpan))} on ${listed(nodes.map(codeSpan))})`
  })
  return ['## Could not be checked', items.join('\n')]
}

function bundleTable(bundles: readonly BundleInfo[]): string {
  const rows = bundles.map((bundle) => [
    codeSpan(bundle.id),
    bundle.collectedAt === null ? 'not known' : codeSpan(formatTime(bundle.collectedAt)),
    counted(bundle.sources.length, 'source'),
    codeSpan(bundle.file),
    codeSpan(bundle.sha256),
  ])
  return table([
    ['Node', 'Collected', 'Sources', 'File', 'SHA-256'],
    ['---', '---', '---', '---', '---'],
    ...rows,
  ])
}

function lossBlocks(bundles: readonly BundleInfo[]): string[] {
  const items = bundles.flatMap((bundle) =>
    bundle.sources
      .filter(({ status, dropped, unreadLines, droppedOnNode }) => {
        return !SOUND.has(status) || dropped > 0 || unreadLines > 0 || droppedOnNode > 0
      })
      .map((row) => {
        const lost = [
          row.droppedOnNode > 0 ? `${formatBytes(row.droppedOnNode)} cut off on the node` : '',
          row.dropped > 0 ? `${formatBytes(row.dropped)} beyond the limit` : '',
          row.unreadLines > 0 ? `${counted(row.unreadLines, 'line')} not understood` : '',
        ].filter((words) => words !== '')
        return `- ${codeSpan(row.path)} of ${codeSpan(bundle.id)}: ${[row.status, ...lost].join(', ')}`
      }),
  )
  return items.length > 0 ? ['Sources that came with less than all of it:', items.join('\n')] : []
}
