import { formatTime } from '../../text/formatTime.ts'
import type { CaseSummary, NodeSummary } from '../caseSummary.ts'
import type { ExplainedFinding } from '../explainedFindings.ts'
import type { Report } from '../report.ts'
import { bundleNotice, counted, namedNodes } from '../words.ts'
import { anchorOf } from './anchor.ts'
import { type Html, html } from './html.ts'
import { phrase } from './phrase.ts'

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
    ${damaged.map((bundle) => loss(bundleNotice(bundle), bundle.problems.map(({ message }) => message).join(' ')))}
    ${rejected.map(({ file, message }) => loss(`${file} was not read.`, message))}
    <ul class="nodes" aria-label="Nodes">
      ${nodes.map(nodeLine)}
    </ul>
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

function nodeLine({ bundle, findings, worst, unchecked }: NodeSummary): Html {
  const found = worst === undefined ? 'nothing found' : counted(findings, 'finding')
  const missing = unchecked > 0 ? `, ${counted(unchecked, 'check')} not made` : ''
  const lost = bundle.complete ? '' : ', bundle incomplete'
  return html`<li>
    <strong>${phrase(bundle.id)}</strong> <span class="severity ${worst}">${found}</span>${missing}${lost}
  </li>`
}
