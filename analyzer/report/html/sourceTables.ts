import type { BundleInfo, SourceRow } from '../../bundle/bundle.ts'
import { formatBytes } from '../../text/formatBytes.ts'
import { shorten } from '../../text/shorten.ts'
import { problemSentences } from '../problemSentences.ts'
import { counted } from '../words.ts'
import { type Html, html } from './html.ts'
import { phrase } from './phrase.ts'

/** A line that was not understood is shown as far as it helps to see why. */
const LONGEST_SAMPLE = 200
/** Statuses that leave nothing to be said. */
const SOUND = new Set(['ok', 'empty', 'absent', 'withheld'])

/** What every bundle brought: status, size, and what of it was lost. */
export function renderSources(bundles: readonly BundleInfo[]): Html {
  return html`<section aria-labelledby="sources">
    <h2 id="sources">Sources</h2>
    ${bundles.map(sourcesOf)}
  </section>`
}

function sourcesOf({ id, problems, sources }: BundleInfo): Html {
  const bytes = sources.reduce((sum, source) => sum + source.bytes, 0)
  const short = sources.filter(isShort).length
  const summary = [
    counted(sources.length, 'source'),
    formatBytes(bytes),
    ...(short > 0 ? [`${short} with losses`] : []),
  ]
  return html`<details class="sources">
    <summary><strong>${id}</strong> <span class="of">${summary.join(', ')}</span></summary>
    ${
      problems.length > 0
        ? html`<ul class="problems">
            ${problemSentences(problems).map((sentence) => html`<li>${phrase(sentence)}</li>`)}
          </ul>`
        : undefined
    }
    <div class="scroll" role="region" aria-label="Sources of ${id}" tabindex="0">
      <table>
        <thead>
          <tr>
            <th scope="col">Source, and what of it was lost</th>
            <th scope="col">Status</th>
            <th scope="col" class="number">Size</th>
          </tr>
        </thead>
        <tbody>
          ${sources.map(row)}
        </tbody>
      </table>
    </div>
  </details> `
}

/** A file of an unknown kind is not read, but nothing is lost with it. */
function isShort(source: SourceRow): boolean {
  return !SOUND.has(source.status) || (source.source !== 'unknown' && lossOf(source) !== '')
}

function row(source: SourceRow): Html {
  const loss = lossOf(source)
  return html`<tr>
    <td>
      <span class="path">${source.path}</span>
      ${loss === '' ? undefined : html`<span class="loss-words">${loss}</span>`}${samples(source)}
    </td>
    <td>${SOUND.has(source.status) ? source.status : html`<strong>${source.status}</strong>`}</td>
    <td class="number">${formatBytes(source.bytes)}</td>
  </tr> `
}

function lossOf({ dropped, droppedOnNode, unreadLines, skipped, source }: SourceRow): string {
  return [
    droppedOnNode > 0 ? `${formatBytes(droppedOnNode)} cut off on the node` : '',
    dropped > 0 ? `${formatBytes(dropped)} beyond the limit` : '',
    unreadLines > 0 ? `${counted(unreadLines, 'line')} not understood` : '',
    skipped > 0 && unreadLines === 0
      ? `${formatBytes(skipped)} ${source === 'unknown' ? 'of an unknown kind' : 'not read'}`
      : '',
  ]
    .filter((words) => words !== '')
    .join('; ')
}

function samples({ unread }: SourceRow): Html | undefined {
  if (unread.length === 0) return undefined
  return html`<ul class="samples">
    ${unread.map(({ number, text }) => html`<li>${number}: <code>${shorten(text, LONGEST_SAMPLE)}</code></li>`)}
  </ul>`
}
