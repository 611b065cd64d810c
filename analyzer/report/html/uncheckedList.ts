import type { CaseSummary } from '../caseSummary.ts'
import type { ReportWords } from '../words.ts'
import { type Html, html } from './html.ts'
import { phrase } from './phrase.ts'

/** What could not be checked, by reason; and how much could. */
export function renderUnchecked({ unchecked, counts }: CaseSummary, words: ReportWords): Html {
  const looked = html`<p>${words.checks.looked(counts.clear, counts.notApplicable)}</p>`
  if (unchecked.length === 0) {
    return html`<section aria-labelledby="unchecked">
      <h2 id="unchecked">${words.sections.nothingUnchecked}</h2>
      ${looked}
    </section>`
  }
  return html`<section aria-labelledby="unchecked">
    <h2 id="unchecked">${words.sections.unchecked}</h2>
    ${looked}
    <dl class="unchecked">
      ${unchecked.map(
        ({ reason, rules, nodes }) =>
          html`<div>
            <dt>${phrase(reason)}</dt>
            <dd>
              ${rules.map((rule, index) => html`${index > 0 ? ', ' : ''}<span class="rule">${rule}</span>`)}
              <span class="of">${phrase(words.checks.onNodes(words.names(nodes)))}</span>
            </dd>
          </div> `,
      )}
    </dl>
  </section>`
}
