import type { BundleInfo, BundleProblem, SourceRow } from '../bundle/bundle.ts'
import type { Evidence } from '../engine/evidence.ts'
import type { Language } from '../engine/language.ts'
import type { Outcome, Step, Suspect } from '../engine/outcome.ts'
import type { Figure } from './figure.ts'
import type { Report } from './report.ts'

/** Characters that JSON allows in a string but that a terminal or an editor would obey. */
const OBEYED =
  /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu

/**
 * The report as JSON, schema 1 (docs/report-format.md): two spaces, a final newline, fields in a fixed order, so that equal
 * reports are equal bytes. Everything that could steer a terminal is written as `\uXXXX`, which reads back as the same text.
 */
export function renderJson(report: Report): string {
  const ordered = {
    schema: report.schema,
    tool: { name: report.tool.name, version: report.tool.version },
    language: report.language,
    bundles: report.bundles.map((it) => bundle(it, report.language)),
    rejected: report.rejected.map(({ file, message }) => ({ file, message: message[report.language] })),
    outcomes: report.outcomes.map(outcome),
    figures: report.figures.map(figure),
  }
  return `${JSON.stringify(ordered, null, 2).replace(OBEYED, escaped)}\n`
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}

function bundle(it: BundleInfo, language: Language) {
  const { id, file, sha256, node, layout, collectedAt, complete, problems, sources } = it
  return {
    id,
    file,
    sha256,
    node,
    layout,
    collectedAt,
    complete,
    problems: problems.map((one) => problem(one, language)),
    sources: sources.map(source),
  }
}

function problem({ code, message, path }: BundleProblem, language: Language) {
  return { code, message: message[language], path }
}

function source({ unread, droppedOnNode, ...row }: SourceRow) {
  return {
    source: row.source,
    path: row.path,
    status: row.status,
    bytes: row.bytes,
    parsed: row.parsed,
    skipped: row.skipped,
    dropped: row.dropped,
    unreadLines: row.unreadLines,
    unread: unread.length > 0 ? unread.map(({ number, text }) => ({ number, text })) : undefined,
    droppedOnNode: droppedOnNode > 0 ? droppedOnNode : undefined,
  }
}

function outcome(it: Outcome) {
  const head = { rule: it.rule, state: it.state, id: it.id, area: it.area, nodes: it.nodes }
  if (it.state === 'clear') return head
  if (it.state !== 'found') return { ...head, reason: it.reason }
  return {
    ...head,
    severity: it.severity,
    confidence: it.confidence,
    title: it.title,
    summary: it.summary,
    evidence: it.evidence.map(evidence),
    ruledOut: it.ruledOut,
    explains: it.explains,
    causedBy: it.causedBy,
    suspects: it.suspects?.map(suspect),
    remedy: it.remedy.map(step),
    verify: it.verify.map(step),
  }
}

function suspect({ rule, name, state, reason }: Suspect) {
  return { rule, name, state, reason }
}

function evidence({ bundle, path, line, text, note }: Evidence) {
  return { bundle, path, line, text, note }
}

function step({ text, commands }: Step) {
  return { text, commands }
}

function figure(it: Figure) {
  switch (it.kind) {
    case 'rules-per-node':
      return { kind: it.kind, bars: it.bars.map(({ node, count, outlier }) => ({ node, count, outlier })) }
    case 'certificate-lifetimes':
      return {
        kind: it.kind,
        judgedAt: it.judgedAt,
        spans: it.spans.map(({ node, path, subject, notBefore, notAfter, state }) => {
          return { node, path, subject, notBefore, notAfter, state }
        }),
      }
    case 'pool-use':
      return {
        kind: it.kind,
        pools: it.pools.map(({ node, network, subnet, used, capacity, leaked }) => {
          return { node, network, subnet, used, capacity, leaked }
        }),
      }
  }
}
