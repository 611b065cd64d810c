import type { BundleInfo } from '../../bundle/bundle.ts'
import { CONFIDENCES, SEVERITIES } from '../../engine/outcome.ts'
import { formatTime } from '../../text/formatTime.ts'
import type { Report } from '../report.ts'
import { type ReportWords, reportWords } from '../words.ts'
import { type Html, html } from './html.ts'

/** How the words of the report are meant, what made it, and from which files. */
export function renderFooter({ tool, bundles, language }: Report): Html {
  const words = reportWords(language)
  const { severities, severityMeanings, confidences, confidenceMeanings, finding, footer } = words
  const grades = SEVERITIES.map((it) => [severities[it], severityMeanings[it]] as const)
  const degrees = CONFIDENCES.map((it) => [confidences[it], confidenceMeanings[it]] as const)
  return html`<footer>
    <p>${footer.meanings(finding.severity, grades)}</p>
    <p>${footer.meanings(finding.confidence, degrees)}</p>
    <p>${footer.madeBy(tool.name, tool.version, bundles.length)}</p>
    <dl class="digests">${bundles.map((bundle) => digest(bundle, words))}</dl>
  </footer>`
}

function digest({ file, sha256, collectedAt }: BundleInfo, { footer }: ReportWords): Html {
  const time = collectedAt === null ? footer.timeUnknown : footer.collected(formatTime(collectedAt))
  return html`<div>
    <dt>${file}</dt>
    <dd>
      <div>${time}</div>
      <div class="digest">SHA-256 ${sha256}</div>
    </dd>
  </div>`
}
