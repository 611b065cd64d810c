import type { BundleInfo } from '../../bundle/bundle.ts'
import { formatTime } from '../../text/formatTime.ts'
import type { Report } from '../report.ts'
import { CONFIDENCE_MEANINGS, SEVERITY_MEANINGS, counted } from '../words.ts'
import { type Html, html } from './html.ts'

/** How the words of the report are meant, what made it, and from which files. */
export function renderFooter({ tool, bundles }: Report): Html {
  return html`<footer>
    <p>Severity: ${meanings(SEVERITY_MEANINGS)}.</p>
    <p>Confidence: ${meanings(CONFIDENCE_MEANINGS)}.</p>
    <p>
      Made by ${tool.name} ${tool.version} from ${counted(bundles.length, 'bundle')}. Everything is judged by
      the bundles’ own clocks; times are in UTC.
    </p>
    <dl class="digests">${bundles.map(digest)}</dl>
  </footer>`
}

function meanings(words: Readonly<Record<string, string>>): string {
  return Object.entries(words)
    .map(([word, meaning]) => `${word}, ${meaning}`)
    .join('; ')
}

function digest({ file, sha256, collectedAt }: BundleInfo): Html {
  const time =
    collectedAt === null ? 'collected at a time it does not tell' : `collected ${formatTime(collectedAt)}`
  return html`<div>
    <dt>${file}</dt>
    <dd>
      <div>${time}</div>
      <div class="digest">SHA-256 ${sha256}</div>
    </dd>
  </div>`
}
