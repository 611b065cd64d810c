import Papa from 'papaparse'
import type { Outcome } from '../engine/outcome.ts'
import { visible } from '../text/visible.ts'
import type { Report } from './report.ts'

const COLUMNS = [
  'id',
  'rule',
  'area',
  'state',
  'severity',
  'confidence',
  'nodes',
  'title',
  'summary',
  'caused by',
  'bundle',
  'path',
  'line',
  'text',
  'note',
  'reason',
]

/** First characters that make a spreadsheet compute a cell (OWASP ASVS 5.0, 1.2.10), with their full-width twins. */
const FORMULA_STARTS = new Set(['=', '+', '-', '@', '＝', '＋', '－', '＠'])

/**
 * The outcomes as a table for a spreadsheet (RFC 4180): a row for each line of evidence of a finding, a row for every other
 * outcome. A cell that a spreadsheet would take for a formula gets an apostrophe in front; controls are shown as `\x1b`.
 */
export function renderCsv(report: Report): string {
  const rows = report.outcomes.flatMap(rowsOf)
  const cells = [COLUMNS, ...rows].map((row) => row.map(inertCell))
  return `${Papa.unparse(cells, { delimiter: ',', newline: '\r\n', quotes: true, header: false })}\r\n`
}

function rowsOf(outcome: Outcome): string[][] {
  const { id, rule, area, state } = outcome
  const nodes = outcome.nodes.join(' ')
  const head = [id, rule, area, state]
  if (outcome.state === 'clear') return [[...head, '', '', nodes, ...blank(9)]]
  if (outcome.state !== 'found') return [[...head, '', '', nodes, ...blank(8), outcome.reason]]
  const { severity, confidence, title, summary, causedBy, evidence } = outcome
  const found = [...head, severity, confidence, nodes, title, summary, causedBy.join(' ')]
  if (evidence.length === 0) return [[...found, ...blank(6)]]
  return evidence.map((line) => {
    return found.concat(line.bundle, line.path, String(line.line), line.text, line.note ?? '', '')
  })
}

function blank(count: number): string[] {
  return Array.from({ length: count }, () => '')
}

/** Judged after trimming, for a spreadsheet trims as well: ` =1` computes like `=1`. */
function inertCell(text: string): string {
  const shown = visible(text)
  return FORMULA_STARTS.has(shown.trimStart().charAt(0)) || /^[\t\r\0]/.test(text) ? `'${shown}` : shown
}
