import { formatTime } from '../../text/formatTime.ts'
import type { CaseSummary, NodeSummary } from '../caseSummary.ts'
import type { ExplainedFinding } from '../explainedFindings.ts'
import type { Report } from '../report.ts'
import { counted, namedNodes } from '../words.ts'
import { anchorOf } from './anchor.ts'
import { type Html, html } from './html.ts'

/** The verdict: one sentence, the causes by name, and how each node fares. */
export function renderHeader({ bundles, rejected }: Report, summary: CaseSummary): Html {
  const { headline, causes, damaged, nodes, minor } = summary
  return html`<header>
    <p class="kicker">Coldcase report${collected(bundles.map(({ collectedAt }) => collectedAt))}</p>
    <h1>${headline}</h1>
    ${damaged.map(
      ({ node, problems }) =>
        html`<p class="loss">
          <strong>The bundle of ${node} is incomplete.</strong>
          ${problems.map(({ message }) => message).join(' ')}
        </p>`,
    )}
    ${rejected.map(({ file, message }) => html`<p class="loss"><strong>${file} was not read.</strong> ${message}</p>`)}
    ${
      causes.length > 0
        ? html`<ol class="verdict">
            ${causes.map(verdictLine)}
          </ol>`
        : undefined
    }
    ${minor.length > 0 && causes.length > 0 ? html`<p class="aside"><a href="#minor">${counted(minor.length, 'lesser finding')}</a></p>` : undefined}
    <ul class="nodes" aria-label="Nodes">
      ${nodes.map(nodeLine)}
    </ul>
  </header>`
}

/** The span over which the bundles were taken. */
function collected(times: readonly (string | null)[]): string {
  const known = times.filter((time) => time !== null).sort()
  const first = known[0]
  const last = known.at(-1)
  if (first === undefined || last === undefined) return ''
  const from = formatTime(first)
  const to = formatTime(last)
  return from === to ? `, collected ${from}` : `, collected ${from.replace(' UTC', '')} to ${to}`
}

function verdictLine({ label, finding, effects, shared }: ExplainedFinding): Html {
  const explained = effects.length + shared.length
  const also = explained > 0 ? `, explains ${counted(explained, 'other finding')}` : ''
  return html`<li>
    <a href="#${anchorOf(label)}">${finding.title}</a>
    <span class="meta"
      ><span class="severity ${finding.severity}">${finding.severity}</span>, ${finding.confidence}, on
      ${namedNodes(finding.nodes)}${also}</span
    >
  </li>`
}

function nodeLine({ bundle, findings, worst, unchecked }: NodeSummary): Html {
  const state =
    worst === undefined
      ? html`<span class="state">nothing found</span>`
      : html`<span class="state"
          ><span class="severity ${worst}">${counted(findings, 'finding')}</span></span
        >`
  const missing =
    unchecked > 0 ? html`<span class="state">${counted(unchecked, 'check')} not made</span>` : undefined
  const lost = bundle.complete ? undefined : html`<span class="state">bundle incomplete</span>`
  return html`<li><strong>${bundle.id}</strong> ${state} ${missing} ${lost}</li>`
}
