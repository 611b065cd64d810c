import { formatTime } from '../../text/formatTime.ts'
import type { CaseSummary, NodeSummary } from '../caseSummary.ts'
import type { ExplainedFinding } from '../explainedFindings.ts'
import { problemSentences } from '../problemSentences.ts'
import type { Report } from '../report.ts'
import { bundleNotice, counted, namedNodes } from '../words.ts'
import { anchorOf } from './anchor.ts'
import { type Html, html } from './html.ts'
import { nodeLabels } from './nodeLabels.ts'
import { phrase } from './phrase.ts'

/** More nodes than this without a finding are counted, not named. */
const MOST_QUIET = 4

/** The verdict: one sentence, the causes by name, what is missing, and how each node fares. */
export function renderHeader({ bundles, rejected }: Report, summary: CaseSummary): Html {
  const { headline, causes, damaged, nodes, minor } = summary
  return html`<header>
    <p class="kicker">Coldcase report${collected(bundles.map(({ collectedAt }) => collectedAt))}</p>
    <h1>${phrase(headline)}</h1>
    ${
      causes.length > 0
        ? html`<ol class="verdict">
            ${causes.map(verdictLine)}
          </ol>`
        : undefined
    }
    ${minor.length > 0 && causes.length > 0 ? html`<p><a href="#minor">${counted(minor.length, 'lesser finding')}</a></p>` : undefined}
    ${damaged.map((bundle) => loss(bundleNotice(bundle), problemSentences(bundle.problems).join(' ')))}
    ${rejected.map(({ file, message }) => loss(`${file} was not read.`, message))} ${nodeList(nodes)}
  </header>`
}

function loss(what: string, why: string): Html {
  return html`<p class="loss"><strong>${phrase(what)}</strong> ${phrase(why)}</p>`
}

/** The span over which the bundles were taken. */
function collected(times: readonly (string | null)[]): string {
  const known = times.filter((time) => time !== null).toSorted()
  const first = known[0]
  const last = known.at(-1)
  if (first === undefined || last === undefined) return ''
  const [fromDay = '', fromTime = ''] = formatTime(first).split(' ')
  const [toDay = '', toTime = ''] = formatTime(last).split(' ')
  if (fromDay === toDay && fromTime === toTime) return `, collected ${formatTime(first)}`
  const to = fromDay === toDay ? toTime : `${toDay} ${toTime}`
  return `, collected ${fromDay} ${fromTime} to ${to} UTC`
}

function verdictLine({ label, finding, effects, shared }: ExplainedFinding): Html {
  const explained = effects.length + shared.length
  const also = explained > 0 ? `; explains ${counted(explained, 'other finding')}` : ''
  return html`<li>
    <a href="#${anchorOf(label)}">${phrase(finding.title)}</a>
    <span class="meta"
      ><span class="severity ${finding.severity}">${finding.severity}</span>, ${finding.confidence}, on
      ${phrase(namedNodes(finding.nodes) + also)}</span
    >
  </li>`
}

/** Nodes one by one; those that nothing can be said against are counted where there are many. */
function nodeList(nodes: readonly NodeSummary[]): Html {
  const quiet = nodes.filter(
    ({ bundle, findings, unchecked }) => bundle.complete && findings === 0 && unchecked === 0,
  )
  const named = quiet.length > MOST_QUIET ? nodes.filter((node) => !quiet.includes(node)) : nodes
  const labelOf = nodeLabels(nodes.map(({ bundle }) => bundle.id))
  const others = nodes.length - named.length
  return html`<ul class="nodes" aria-label="Nodes">
    ${named.map((node) => nodeLine(node, labelOf(node.bundle.id)))}
    ${others > 0 ? html`<li>${counted(others, named.length > 0 ? 'other node' : 'node')} without a finding</li>` : undefined}
  </ul>`
}

function nodeLine({ bundle, findings, worst, unchecked }: NodeSummary, label: string): Html {
  const found =
    worst === undefined
      ? 'nothing found'
      : html`<span class="severity ${worst}">${counted(findings, 'finding')}</span>`
  const missing = unchecked > 0 ? `, ${counted(unchecked, 'check')} not made` : ''
  const lost = bundle.complete ? '' : ', bundle incomplete'
  return html`<li><strong>${phrase(label)}</strong> ${found}${missing}${lost}</li>`
}
