import type { BundleInfo, SourceRow } from '../../bundle/bundle.ts'
import { shorten } from '../../text/shorten.ts'
import { problemSentences } from '../problemSentences.ts'
import type { Report } from '../report.ts'
import { type ReportWords, reportWords } from '../words.ts'
import { type Html, html } from './html.ts'
import { phrase } from './phrase.ts'

/** A line that was not understood is shown as far as it helps to see why. */
const LONGEST_SAMPLE = 200
/** Statuses that leave nothing to be said. */
const SOUND = new Set(['ok', 'empty', 'absent', 'withheld'])

/** What every bundle brought: status, size, and what of it was lost. */
export function renderSources({ bundles, language }: Report): Html {
  const words = reportWords(language)
  return html`<section aria-labelledby="sources">
    <h2 id="sources">${words.sections.sources}</h2>
    ${bundles.map((bundle) => sourcesOf(bundle, problemSentences(bundle.problems, language), words))}
  </section>`
}

function sourcesOf({ id, sources }: BundleInfo, problems: readonly string[], words: ReportWords): Html {
  const say = words.sources
  const bytes = sources.reduce((sum, source) => sum + source.bytes, 0)
  const short = sources.filter((source) => isShort(source, words)).length
  const summary = [
    say.count(sources.length),
    words.bytes(bytes),
    ...(short > 0 ? [say.withLosses(short)] : []),
  ]
  return html`<details class="sources">
    <summary><strong>${id}</strong> <span class="of">${words.clauses(summary)}</span></summary>
    ${
      problems.length > 0
        ? html`<ul class="problems">
            ${problems.map((sentence) => html`<li>${phrase(sentence)}</li>`)}
          </ul>`
        : undefined
    }
    <div class="scroll" role="region" aria-label="${say.of(id)}" tabindex="0">
      <table>
        <thead>
          <tr>
            <th scope="col">${say.columns.source}</th>
            <th scope="col">${say.columns.status}</th>
            <th scope="col" class="number">${say.columns.size}</th>
          </tr>
        </thead>
        <tbody>
          ${sources.map((source) => row(source, words))}
        </tbody>
      </table>
    </div>
  </details> `
}

/** A file of an unknown kind is not read, but nothing is lost with it. */
function isShort(source: SourceRow, words: ReportWords): boolean {
  return !SOUND.has(source.status) || (source.source !== 'unknown' && lossOf(source, words) !== '')
}

function row(source: SourceRow, words: ReportWords): Html {
  const loss = lossOf(source, words)
  const status = words.statuses[source.status]
  return html`<tr>
    <td>
      <span class="path">${source.path}</span>
      ${loss === '' ? undefined : html`<span class="loss-words">${loss}</span>`}${samples(source, words)}
    </td>
    <td>${SOUND.has(source.status) ? status : html`<strong>${status}</strong>`}</td>
    <td class="number">${words.bytes(source.bytes)}</td>
  </tr> `
}

function lossOf(
  { dropped, droppedOnNode, unreadLines, skipped, source }: SourceRow,
  words: ReportWords,
): string {
  const { sources: say, bytes } = words
  const notRead = source === 'unknown' ? say.unknownKind : say.notRead
  return words.clauses(
    [
      droppedOnNode > 0 ? say.cutOnNode(bytes(droppedOnNode)) : '',
      dropped > 0 ? say.beyondLimit(bytes(dropped)) : '',
      unreadLines > 0 ? say.notUnderstood(unreadLines) : '',
      skipped > 0 && unreadLines === 0 ? notRead(bytes(skipped)) : '',
    ].filter((clause) => clause !== ''),
  )
}

function samples({ unread }: SourceRow, words: ReportWords): Html | undefined {
  if (unread.length === 0) return undefined
  return html`<ul class="samples">
    ${unread.map(({ number, text }) => html`<li>${number}: <code>${shorten(text, LONGEST_SAMPLE, words.moreCharacters)}</code></li>`)}
  </ul>`
}
