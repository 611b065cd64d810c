import type { Evidence } from '../engine/evidence.ts'
import type { Finding, Severity, Step } from '../engine/outcome.ts'
import { visible } from '../text/visible.ts'
import { columnsOf, fitColumns, wrapWords } from '../text/wrapWords.ts'
import { type CaseSummary, summarizeCase } from './caseSummary.ts'
import type { ExplainedFinding, NumberedFinding } from './explainedFindings.ts'
import { problemParagraph } from './problemSentences.ts'
import type { Report } from './report.ts'
import { suspectSentences } from './suspectSentences.ts'
import { type ReportWords, reportWords } from './words.ts'

/** Narrower than this nothing is legible, wider than this nobody reads a line. */
const NARROWEST = 40
const WIDEST = 100
/** Lines of evidence under a finding; the other forms have them all. */
const EVIDENCE_LINES = 3
/** Reasons named in the closing line. */
const REASONS = 3

/** How the text meets the terminal it goes to. */
export interface TerminalOptions {
  readonly color: boolean
  readonly columns: number
}

interface Pen {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly severity: (severity: Severity, text: string) => string
  readonly columns: number
  readonly words: ReportWords
}

/**
 * The report for a terminal: the verdict, a finding a paragraph, and one closing paragraph on what was clear and what could
 * not be checked. What was ruled out, and all of the evidence, is left to the other forms. Without color the only control character is the line feed; with color, SGR sequences besides.
 */
export function renderTerminal(report: Report, options: TerminalOptions): string {
  const summary = summarizeCase(report)
  const pen = makePen(options, reportWords(report.language))
  const paragraphs = [
    wrap(summary.headline, 0, pen).map(pen.bold),
    ...summary.damaged.map((bundle) => {
      const { lead, rest } = problemParagraph(bundle, report.language)
      return wrap(pen.words.sentences([lead, rest]), 0, pen)
    }),
    ...report.rejected.map(({ file, message }) => wrap(`${file}: ${message[report.language]}`, 0, pen)),
    ...summary.causes.map((cause) => paragraph(cause, pen)),
    minorParagraph(summary, pen),
    wrap(closing(summary, pen.words), 0, pen).map(pen.dim),
  ]
  return `${paragraphs
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function makePen({ color, columns }: TerminalOptions, words: ReportWords): Pen {
  const paint = (code: string) => (text: string) => (color ? `\x1b[${code}m${text}\x1b[0m` : text)
  const bySeverity: Readonly<Record<Severity, (text: string) => string>> = {
    critical: paint('1;31'),
    high: paint('31'),
    medium: paint('33'),
    low: paint('36'),
    info: paint('36'),
  }
  return {
    bold: paint('1'),
    dim: paint('2'),
    severity: (severity, text) => bySeverity[severity](text),
    columns: Math.min(WIDEST, Math.max(NARROWEST, columns)),
    words,
  }
}

/** Lines of untrusted text, indented; a continuation stands under the first line. */
function wrap(text: string, indent: number, pen: Pen, lead = ''): readonly string[] {
  const margin = ' '.repeat(indent)
  const leadColumns = columnsOf(lead)
  const hanging = ' '.repeat(leadColumns)
  const lines = wrapWords(visible(text), pen.columns - indent - leadColumns)
  return lines.map((line, index) => `${margin}${index === 0 ? lead : hanging}${line}`)
}

function paragraph(cause: ExplainedFinding, pen: Pen): readonly string[] {
  const { label, finding, effects, shared } = cause
  const lead = `${label}. `
  const indent = lead.length
  return [
    ...wrap(finding.title, 0, pen, lead).map(pen.bold),
    ...gradeLines(finding, indent, pen),
    ...wrap(finding.summary, indent, pen),
    ...evidenceLines(finding.evidence, indent, pen),
    ...[...effects, ...shared].flatMap((effect) => effectLine(effect, indent, pen)),
    ...suspectLines(finding, indent, pen),
    ...steps(pen.words.finding.remedy, finding.remedy, indent, pen),
    ...steps(pen.words.finding.verify, finding.verify, indent, pen),
  ]
}

function gradeLines({ severity, confidence, nodes }: Finding, indent: number, pen: Pen): readonly string[] {
  const { severities, confidences, namedNodes, finding } = pen.words
  const word = severities[severity]
  const grade = finding.grade(confidences[confidence], namedNodes(nodes))
  const [first = '', ...rest] = wrap(`${word}${grade}`, indent, pen)
  return [first.replace(word, pen.severity(severity, word)), ...rest]
}

function evidenceLines(evidence: readonly Evidence[], indent: number, pen: Pen): readonly string[] {
  const margin = ' '.repeat(indent + 2)
  const fit = (text: string) => margin + fitColumns(visible(text), pen.columns - margin.length)
  const shown = evidence.slice(0, EVIDENCE_LINES).flatMap(({ bundle, path, line, text, note }) => {
    const place = line === 0 ? `${bundle}/${path}` : `${bundle}/${path}:${line}`
    const heading = note === undefined ? place : `${place}  ${note}`
    return [pen.dim(fit(heading)), fit(text)]
  })
  const more = evidence.length - EVIDENCE_LINES
  return more > 0 ? [...shown, pen.dim(`${margin}${pen.words.finding.moreLines(more)}`)] : shown
}

function effectLine({ label, finding }: NumberedFinding, indent: number, pen: Pen): readonly string[] {
  return wrap(finding.title, indent, pen, pen.words.finding.explains(label))
}

function suspectLines(finding: Finding, indent: number, pen: Pen): readonly string[] {
  const { sentences } = pen.words
  const said = suspectSentences(finding, pen.words)
  return said.length === 0 ? [] : wrap(sentences(said), indent, pen)
}

function steps(heading: string, list: readonly Step[], indent: number, pen: Pen): readonly string[] {
  const lead = pen.words.finding.lead(heading)
  const hanging = ' '.repeat(columnsOf(lead))
  const margin = ' '.repeat(indent) + hanging
  return list.flatMap(({ text, commands }, index) => [
    ...wrap(text, indent, pen, index === 0 ? lead : hanging),
    // Left unbroken, so that they can be copied; the terminal folds them.
    ...commands.flatMap((command) => command.split('\n').map((line) => `${margin}  ${visible(line)}`)),
  ])
}

function minorParagraph({ minor }: CaseSummary, pen: Pen): readonly string[] {
  const { severities, confidences, finding: words } = pen.words
  return minor.flatMap(({ label, finding }) => {
    const { title, severity, confidence } = finding
    const line = words.minor(title, severities[severity], confidences[confidence])
    return wrap(line, 0, pen, `${label}. `)
  })
}

function closing({ counts, unchecked }: CaseSummary, { checks: words, namedNodes }: ReportWords): string {
  const made = words.made(counts.clear, counts.notApplicable)
  const missing = counts.unchecked + counts.broken
  if (missing === 0) return words.allMade(made)
  const named = unchecked
    .slice(0, REASONS)
    .map(({ reason, checks, nodes }) => words.reason(reason, checks, namedNodes(nodes)))
  const more = unchecked.length - REASONS
  return words.missing(made, missing, more > 0 ? [...named, words.moreReasons(more)] : named)
}
