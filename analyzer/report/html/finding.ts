import type { Finding, Step } from '../../engine/outcome.ts'
import { shorten } from '../../text/shorten.ts'
import { type Excerpt, excerpts } from '../evidenceExcerpts.ts'
import type { ExplainedFinding, NumberedFinding } from '../explainedFindings.ts'
import { suspectSentences } from '../suspectSentences.ts'
import type { ReportWords } from '../words.ts'
import { anchorOf } from './anchor.ts'
import { type Html, html } from './html.ts'
import { phrase } from './phrase.ts'

/** A line may weigh 64 KiB; report.json has it whole. */
const LONGEST_LINE = 2000

/** A root cause: what is wrong, the proof, what else it explains, and how to cure it. */
export function renderFinding(cause: ExplainedFinding, words: ReportWords): Html {
  const { label, finding, effects, shared } = cause
  return html`<article class="finding" id="${anchorOf(label)}" aria-labelledby="${anchorOf(label)}-title">
    <div class="margin"><span class="number">${label}</span> ${marginalia(finding, words)}</div>
    <div class="body">
      <h3 id="${anchorOf(label)}-title">${phrase(finding.title)}</h3>
      <p class="summary">${phrase(finding.summary)}</p>
      ${proof(finding, words)} ${suspicion(finding, words)} ${cure(finding, words)}
      ${effects.length + shared.length > 0 ? explained(effects, shared, words) : undefined}
    </div>
  </article>`
}

function suspicion(finding: Finding, words: ReportWords): Html | undefined {
  const said = suspectSentences(finding, words)
  if (said.length === 0) return undefined
  return html`<h4>${words.suspicion.heading}</h4>
    <ul class="ruled-out">
      ${said.map((sentence) => html`<li>${phrase(sentence)}</li>`)}
    </ul>`
}

function marginalia({ severity, confidence, nodes, rule }: Finding, words: ReportWords): Html {
  const say = words.finding
  return html`<dl>
    <div>
      <dt>${say.severity}</dt>
      <dd>
        <span class="severity ${severity}">${words.severities[severity]}</span>
      </dd>
    </div>
    <div>
      <dt>${say.confidence}</dt>
      <dd>${words.confidences[confidence]}</dd>
    </div>
    <div>
      <dt>${say.nodes(nodes.length)}</dt>
      <dd>${phrase(words.names(nodes))}</dd>
    </div>
    <div>
      <dt>${say.rule}</dt>
      <dd class="rule">${rule}</dd>
    </div>
  </dl>`
}

function proof({ evidence, ruledOut }: Finding, words: ReportWords): Html {
  return html`${
    evidence.length > 0
      ? html`<h4>${words.finding.evidence}</h4>
          ${excerpts(evidence).map((excerpt) => renderExcerpt(excerpt, words))}`
      : undefined
  }
  ${
    ruledOut.length > 0
      ? html`<h4>${words.finding.ruledOut}</h4>
          <ul class="ruled-out">
            ${ruledOut.map((it) => html`<li>${phrase(it)}</li>`)}
          </ul>`
      : undefined
  }`
}

function renderExcerpt({ bundle, path, lines }: Excerpt, words: ReportWords): Html {
  const say = words.finding
  return html`<figure class="excerpt">
    <figcaption><span class="path">${path}</span> <span class="of">${bundle}</span></figcaption>
    <table>
      <tbody>
        ${lines.map(
          ({ line, text, note }) =>
            html`<tr>
              <th scope="row">
                ${line > 0 ? html`<span class="unseen">${say.line}</span>${line}` : html`<span class="unseen">${say.wholeFile}</span>`}
              </th>
              <td>
                <code>${shorten(text, LONGEST_LINE, words.moreCharacters)}</code
                >${note === undefined ? undefined : html`<span class="note">${phrase(note)}</span>`}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </figure>`
}

function explained(
  effects: readonly NumberedFinding[],
  shared: readonly NumberedFinding[],
  words: ReportWords,
): Html {
  const count = effects.length + shared.length
  return html`<h4>${words.finding.explainsOthers(count)}</h4>
    <div class="effects">
      ${effects.map((it) => effect(it, words))}${shared.map(
        ({ label, finding }) =>
          html`<p><a href="#${anchorOf(label)}">${label} ${phrase(finding.title)}</a></p>`,
      )}
    </div>`
}

function effect({ label, finding }: NumberedFinding, words: ReportWords): Html {
  const { title, severity, confidence, nodes, summary } = finding
  const grade = words.finding.grade(words.confidences[confidence], words.names(nodes))
  return html`<details>
    <summary id="${anchorOf(label)}">
      <span class="number">${label}</span> ${phrase(title)}
      <span class="meta"
        ><span class="severity ${severity}">${words.severities[severity]}</span>${phrase(grade)}</span
      >
    </summary>
    <div class="folded">
      <p>${phrase(summary)}</p>
      ${proof(finding, words)} ${cure(finding, words)}
    </div>
  </details>`
}

function cure({ remedy, verify }: Finding, { finding: words }: ReportWords): Html {
  return html`${steps(words.remedy, remedy)} ${steps(words.verify, verify)}`
}

function steps(heading: string, list: readonly Step[]): Html | undefined {
  if (list.length === 0) return undefined
  return html`<h4>${heading}</h4>
    <ol class="steps">
      ${list.map(
        ({ text, commands }) =>
          html`<li>
            <p>${phrase(text)}</p>
            ${commands.map(command)}
          </li>`,
      )}
    </ol>`
}

function command(text: string): Html {
  const lines = text.split('\n').flatMap((line, index) => (index === 0 ? [line] : [html``, line]))
  return html`<div class="command">
    <pre><code>${lines}</code></pre>
  </div>`
}
