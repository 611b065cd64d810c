import { formatTime } from '../../text/formatTime.ts'
import type { CaseSummary, NodeSummary } from '../caseSummary.ts'
import type { ExplainedFinding } from '../explainedFindings.ts'
import { type Paragraph, problemParagraph } from '../problemSentences.ts'
import type { Report } from '../report.ts'
import { type ReportWords, reportWords } from '../words.ts'
import { anchorOf } from './anchor.ts'
import { type Html, html } from './html.ts'
import { nodeLabels } from './nodeLabels.ts'
import { phrase } from './phrase.ts'

/** More nodes than this without a finding are counted, not named. */
const MOST_QUIET = 4

/** The verdict: one sentence, the causes by name, what is missing, and how each node fares. */
export function renderHeader({ bundles, rejected, language }: Report, summary: CaseSummary): Html {
  const words = reportWords(language)
  const say = words.header
  const { headline, causes, damaged, nodes, minor } = summary
  return html`<header>
    <p class="kicker">
      ${say.report}${collected(
        bundles.map(({ collectedAt }) => collectedAt),
        words,
      )}
    </p>
    <h1>${phrase(headline)}</h1>
    ${
      causes.length > 0
        ? html`<ol class="verdict">
            ${causes.map((cause) => verdictLine(cause, words))}
          </ol>`
        : undefined
    }
    ${minor.length > 0 && causes.length > 0 ? html`<p><a href="#minor">${say.lesserFindings(minor.length)}</a></p>` : undefined}
    ${damaged.map((bundle) => loss(problemParagraph(bundle, language)))}
    ${rejected.map(({ file, message }) => loss({ lead: words.bundle.notRead(file), rest: message[language] }))}
    ${nodeList(nodes, words)}
  </header>`
}

function loss({ lead, rest }: Paragraph): Html {
  return html`<p class="loss"><strong>${phrase(lead)}</strong> ${phrase(rest)}</p>`
}

/** The span over which the bundles were taken. */
function collected(times: readonly (string | null)[], { header: words }: ReportWords): string {
  const known = times.filter((time) => time !== null).toSorted()
  const first = known[0]
  const last = known.at(-1)
  if (first === undefined || last === undefined) return ''
  const [fromDay = '', fromTime = ''] = formatTime(first).split(' ')
  const [toDay = '', toTime = ''] = formatTime(last).split(' ')
  if (fromDay === toDay && fromTime === toTime) return words.collected(formatTime(first))
  const to = fromDay === toDay ? toTime : `${toDay} ${toTime}`
  return words.collectedBetween(`${fromDay} ${fromTime}`, to)
}

function verdictLine({ label, finding, effects, shared }: ExplainedFinding, words: ReportWords): Html {
  const { title, severity, confidence, nodes } = finding
  const explained = effects.length + shared.length
  const also = explained > 0 ? words.header.alsoExplains(explained) : ''
  const grade = words.finding.grade(words.confidences[confidence], words.namedNodes(nodes))
  return html`<li>
    <a href="#${anchorOf(label)}">${phrase(title)}</a>
    <span class="meta"
      ><span class="severity ${severity}">${words.severities[severity]}</span>${phrase(grade + also)}</span
    >
  </li>`
}

/** Nodes one by one; those that nothing can be said against are counted where there are many. */
function nodeList(nodes: readonly NodeSummary[], words: ReportWords): Html {
  const quiet = nodes.filter(
    ({ bundle, findings, unchecked }) => bundle.complete && findings === 0 && unchecked === 0,
  )
  const named = quiet.length > MOST_QUIET ? nodes.filter((node) => !quiet.includes(node)) : nodes
  const labelOf = nodeLabels(nodes.map(({ bundle }) => bundle.id))
  const others = nodes.length - named.length
  return html`<ul class="nodes" aria-label="${words.header.nodes}">
    ${named.map((node) => nodeLine(node, labelOf(node.bundle.id), words))}
    ${others > 0 ? html`<li>${words.header.quietNodes(others, named.length > 0)}</li>` : undefined}
  </ul>`
}

function nodeLine(
  { bundle, findings, worst, unchecked }: NodeSummary,
  label: string,
  { header: words }: ReportWords,
): Html {
  const found =
    worst === undefined
      ? words.nothingFound
      : html`<span class="severity ${worst}">${words.findings(findings)}</span>`
  const missing = unchecked > 0 ? words.checksNotMade(unchecked) : ''
  const lost = bundle.complete ? '' : words.bundleIncomplete
  return html`<li><strong>${phrase(label)}</strong> ${found}${missing}${lost}</li>`
}
