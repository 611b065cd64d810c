import type { Finding, Step } from '../../engine/outcome.ts'
import { shorten } from '../../text/shorten.ts'
import { type Excerpt, excerpts } from '../evidenceExcerpts.ts'
import type { ExplainedFinding, NumberedFinding } from '../explainedFindings.ts'
import { counted } from '../words.ts'
import { anchorOf } from './anchor.ts'
import { type Html, html } from './html.ts'
import { phrase } from './phrase.ts'

/** A line may weigh 64 KiB; report.json has it whole. */
const LONGEST_LINE = 2000

/** A root cause: what is wrong, the proof, what else it explains, and how to cure it. */
export function renderFinding(cause: ExplainedFinding): Html {
  const { label, finding, effects, shared } = cause
  return html`<article class="finding" id="${anchorOf(label)}" aria-labelledby="${anchorOf(label)}-title">
    <div class="margin"><span class="number">${label}</span> ${marginalia(finding)}</div>
    <div class="body">
      <h3 id="${anchorOf(label)}-title">${phrase(finding.title)}</h3>
      <p class="summary">${phrase(finding.summary)}</p>
      ${proof(finding)} ${steps('Remedy', finding.remedy)} ${steps('How to verify', finding.verify)}
      ${effects.length + shared.length > 0 ? explained(effects, shared) : undefined}
    </div>
  </article>`
}

function marginalia({ severity, confidence, nodes, rule }: Finding): Html {
  return html`<dl>
    <div>
      <dt>Severity</dt>
      <dd>
        <span class="severity ${severity}">${severity}</span>
      </dd>
    </div>
    <div>
      <dt>Confidence</dt>
      <dd>${confidence}</dd>
    </div>
    <div>
      <dt>${nodes.length === 1 ? 'Node' : 'Nodes'}</dt>
      <dd>${phrase(nodes.join(', '))}</dd>
    </div>
    <div>
      <dt>Rule</dt>
      <dd class="rule">${rule}</dd>
    </div>
  </dl>`
}

function proof({ evidence, ruledOut }: Finding): Html {
  return html`${
    evidence.length > 0
      ? html`<h4>Evidence</h4>
          ${excerpts(evidence).map(renderExcerpt)}`
      : undefined
  }
  ${
    ruledOut.length > 0
      ? html`<h4>Ruled out</h4>
          <ul class="ruled-out">
            ${ruledOut.map((it) => html`<li>${phrase(it)}</li>`)}
          </ul>`
      : undefined
  }`
}

function renderExcerpt({ bundle, path, lines }: Excerpt): Html {
  return html`<figure class="excerpt">
    <figcaption><span class="path">${path}</span> <span class="of">${bundle}</span></figcaption>
    <table>
      <tbody>
        ${lines.map(
          ({ line, text, note }) =>
            html`<tr>
              <th scope="row">
                ${line > 0 ? html`<span class="unseen">line </span>${line}` : html`<span class="unseen">whole file</span>`}
              </th>
              <td>
                <code>${shorten(text, LONGEST_LINE)}</code
                >${note === undefined ? undefined : html`<span class="note">${phrase(note)}</span>`}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </figure>`
}

function explained(effects: readonly NumberedFinding[], shared: readonly NumberedFinding[]): Html {
  const count = effects.length + shared.length
  return html`<h4>Explains ${counted(count, 'other finding')}</h4>
    <div class="effects">
      ${effects.map(effect)}${shared.map(
        ({ label, finding }) =>
          html`<p><a href="#${anchorOf(label)}">${label} ${phrase(finding.title)}</a></p>`,
      )}
    </div>`
}

function effect({ label, finding }: NumberedFinding): Html {
  const { title, severity, confidence, nodes, summary, remedy, verify } = finding
  return html`<details>
    <summary id="${anchorOf(label)}">
      <span class="number">${label}</span> ${phrase(title)}
      <span class="meta"
        ><span class="severity ${severity}">${severity}</span>, ${confidence}, on
        ${phrase(nodes.join(', '))}</span
      >
    </summary>
    <div class="folded">
      <p>${phrase(summary)}</p>
      ${proof(finding)} ${steps('Remedy', remedy)} ${steps('How to verify', verify)}
    </div>
  </details>`
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
