import { type CaseSummary, summarizeCase } from '../caseSummary.ts'
import type { Report } from '../report.ts'
import { type ReportWords, reportWords } from '../words.ts'
import { renderFigures } from './figures.ts'
import { renderFinding } from './finding.ts'
import { renderFooter } from './footer.ts'
import { renderHeader } from './header.ts'
import { type Html, html, ownMarkup } from './html.ts'
import { renderMatrix } from './matrixTable.ts'
import script from './script.js?raw'
import { renderSources } from './sourceTables.ts'
import style from './style.css?raw'
import { renderUnchecked } from './uncheckedList.ts'

/**
 * The report as one HTML file that asks for nothing: no network, no storage, readable without JavaScript. The content
 * security policy lets this style and this script in, by their hash, and nothing else.
 */
export async function renderHtml(report: Report): Promise<string> {
  const summary = summarizeCase(report)
  const words = reportWords(report.language)
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${await sha256(style)}'`,
    `script-src 'sha256-${await sha256(script)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const { markup } = html`<!doctype html>
    <html lang="${words.tag}">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${ownMarkup(policy)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${summary.headline} · coldcase</title>
        <link rel="icon" href="data:," />
        ${ownMarkup(`<style>${style}</style>`)}
      </head>
      <body
        data-copy="${words.copy.offer}"
        data-copied="${words.copy.done}"
        data-selected="${words.copy.selected}"
      >
        ${renderHeader(report, summary)}
        <main>
          ${renderCauses(summary, words)} ${renderMinor(summary, words)}
          ${renderMatrix(summary.matrix, words)} ${renderFigures(report.figures, words)}
          ${renderUnchecked(summary, words)} ${renderSources(report)}
        </main>
        ${renderFooter(report)} ${ownMarkup(`<script>${script}</script>`)}
      </body>
    </html> `
  return markup
}

async function sha256(text: string): Promise<string> {
  const digest = await globalThis.crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return btoa(String.fromCharCode(...new Uint8Array(digest)))
}

function renderCauses({ causes }: CaseSummary, words: ReportWords): Html | undefined {
  if (causes.length === 0) return undefined
  return html`<section aria-labelledby="causes">
    <h2 id="causes">${words.sections.causes(causes.length)}</h2>
    ${causes.map((cause) => renderFinding(cause, words))}
  </section>`
}

function renderMinor({ minor, causes }: CaseSummary, words: ReportWords): Html | undefined {
  if (minor.length === 0) return undefined
  return html`<section aria-labelledby="minor">
    <h2 id="minor">${causes.length > 0 ? words.sections.alsoFound : words.sections.found}</h2>
    ${minor.map((finding) => renderFinding(finding, words))}
  </section>`
}
