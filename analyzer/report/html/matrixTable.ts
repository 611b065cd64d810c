import type { Cell, CellState, Matrix } from '../matrix.ts'
import { AREA_NAMES } from '../words.ts'
import { anchorOf } from './anchor.ts'
import { type Html, html } from './html.ts'
import { nodeLabels } from './nodeLabels.ts'
import { phrase } from './phrase.ts'

const GLYPHS: Readonly<Record<CellState, string>> = {
  found: '●',
  partly: '◐',
  unchecked: '○',
  clear: '✓',
  'not-applicable': '–',
  nothing: '–',
}

/** What was looked at: areas down, nodes across, the findings linked. */
export function renderMatrix({ nodes, rows }: Matrix): Html | undefined {
  if (rows.length === 0 || nodes.length === 0) return undefined
  const labelOf = nodeLabels(nodes)
  return html`<section aria-labelledby="matrix">
    <h2 id="matrix">What was looked at</h2>
    <div class="scroll" role="region" aria-labelledby="matrix" tabindex="0">
      <table class="matrix">
        <thead>
          <tr>
            <th scope="col">Area</th>
            ${nodes.map((node) => html`<th scope="col">${phrase(labelOf(node))}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({ area, cells }) =>
              html`<tr>
                <th scope="row">${AREA_NAMES[area]}</th>
                ${cells.map(cell)}
              </tr> `,
          )}
        </tbody>
      </table>
    </div>
  </section>`
}

function cell({ state, findings, unchecked }: Cell): Html {
  return html`<td class="${state}">
    <span class="glyph" aria-hidden="true">${GLYPHS[state]}</span> ${words(state, findings, unchecked)}
  </td>`
}

function words(state: CellState, findings: Cell['findings'], unchecked: number): Html | string {
  switch (state) {
    case 'found':
      return html`found
      ${findings.map(
        ({ label, finding }, index) =>
          html`${index > 0 ? ', ' : ''}<a
              class="severity ${finding.severity}"
              href="#${anchorOf(label)}"
              title="${finding.title}"
              >${label}</a
            >`,
      )}`
    case 'partly':
      return html`clear, <a href="#unchecked">${unchecked} not checked</a>`
    case 'unchecked':
      return html`<a href="#unchecked">not checked</a>`
    case 'clear':
      return 'clear'
    case 'not-applicable':
      return 'not applicable'
    case 'nothing':
      return 'no check'
  }
}
