import type { CaseSummary } from '../caseSummary.ts'
import { counted } from '../words.ts'
import { type Html, html } from './html.ts'
import { phrase } from './phrase.ts'

/** What could not be checked, by reason; and how much could. */
export function renderUnchecked({ unchecked, counts }: CaseSummary): Html {
  const looked = html`<p>
    ${counted(counts.clear, 'check')} ${counts.clear === 1 ? 'was' : 'were'} made and came out clear;
    ${counts.notApplicable} did not apply here.
  </p>`
  if (unchecked.length === 0) {
    return html`<section aria-labelledby="unchecked">
      <h2 id="unchecked">Nothing was left unchecked</h2>
      ${looked}
    </section>`
  }
  return html`<section aria-labelledby="unchecked">
    <h2 id="unchecked">What could not be checked, and why</h2>
    ${looked}
    <dl class="unchecked">
      ${unchecked.map(
        ({ reason, rules, nodes }) =>
          html`<div>
            <dt>${phrase(reason)}</dt>
            <dd>
              ${rules.map((rule, index) => html`${index > 0 ? ', ' : ''}<span class="rule">${rule}</span>`)}
              <span class="of">on ${phrase(nodes.join(', '))}</span>
            </dd>
          </div> `,
      )}
    </dl>
  </section>`
}
