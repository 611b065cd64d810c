import type { Cell, CellState, Matrix } from '../matrix.ts'
import type { ReportWords } from '../words.ts'
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
export function renderMatrix({ nodes, rows }: Matrix, words: ReportWords): Html | undefined {
  if (rows.length === 0 || nodes.length === 0) return undefined
  const labelOf = nodeLabels(nodes)
  return html`<section aria-labelledby="matrix">
    <h2 id="matrix">${words.sections.matrix}</h2>
    <div class="scroll" role="region" aria-labelledby="matrix" tabindex="0">
      <table class="matrix">
        <thead>
          <tr>
            <th scope="col">${words.checks.area}</th>
            ${nodes.map((node) => html`<th scope="col">${phrase(labelOf(node))}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({ area, cells }) =>
              html`<tr>
                <th scope="row">${words.areas[area]}</th>
                ${cells.map((it) => cell(it, words.checks))}
              </tr> `,
          )}
        </tbody>
      </table>
    </div>
  </section>`
}

function cell(it: Cell, words: ReportWords['checks']): Html {
  return html`<td class="${it.state}">
    <span class="glyph" aria-hidden="true">${GLYPHS[it.state]}</span> ${cellText(it, words)}
  </td>`
}

function cellText({ state, findings, unchecked }: Cell, words: ReportWords['checks']): Html | string {
  switch (state) {
    case 'found':
      return html`${words.found}
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
      return html`${words.partly}<a href="#unchecked">${words.notChecked(unchecked)}</a>`
    case 'unchecked':
      return html`<a href="#unchecked">${words.cells.unchecked}</a>`
    default:
      return words.cells[state]
  }
}
