import { formatDay } from '../../text/formatTime.ts'
import type { CertificateSpan } from '../figure.ts'
import { counted } from '../words.ts'
import { ROW_HEIGHT, barTop, lastCharacters, percent, rowWords } from './barRow.ts'
import { type Html, html } from './html.ts'

/** Leaf certificates of k3s and kubeadm live 365 days; half a year back and a year on shows where a node stands. */
const DAYS_BACK = 180
const DAYS_ON = 365
const DAY_MS = 86_400_000
/** More rows than this are a table, not a picture; those that end last are left out. */
const MOST_ROWS = 12

const STATE_CLASSES = { valid: 'plain', expiring: 'warn', expired: 'bad', 'not-yet-valid': 'bad' } as const

/** Certificates on a time line about the moment the bundle was taken, the soonest to end first. */
export function certificateLifetimes(judgedAt: string, spans: readonly CertificateSpan[]): Html {
  const soonest = spans.toSorted((a, b) => Date.parse(a.notAfter) - Date.parse(b.notAfter))
  const rows = soonest.slice(0, MOST_ROWS)
  const left = spans.length - rows.length
  const height = rows.length * ROW_HEIGHT
  const nowMs = Date.parse(judgedAt)
  const now = percent(DAYS_BACK / (DAYS_BACK + DAYS_ON))
  const words = rows.map((span) => `${span.node} ${span.path}, ${span.subject}: ${endOf(span)}`).join('; ')
  return html`<figure class="chart">
    <figcaption>
      Certificate lifetimes, from half a year before to a year after the bundle was taken on
      ${formatDay(judgedAt)}
    </figcaption>
    <svg
      width="100%"
      height="${height + 20}"
      role="img"
      aria-labelledby="certificates-title certificates-desc"
    >
      <title id="certificates-title">Certificate lifetimes</title>
      <desc id="certificates-desc">${words}</desc>
      ${rows.map((span, index) => {
        const from = shareOf(Date.parse(span.notBefore), nowMs)
        const to = shareOf(Date.parse(span.notAfter), nowMs)
        const state = STATE_CLASSES[span.state]
        const y = barTop(index)
        const width = percent(Math.max(0.004, to - from))
        return html`<g
          ><title>${span.node} ${span.path}: ${span.subject}</title
          >${rowWords(index, labelOf(span), endOf(span), state)}<rect
            class="track"
            x="0"
            y="${y}"
            width="100%"
            height="8" /><rect
            class="${state}"
            x="${percent(Math.min(from, 0.996))}"
            y="${y}"
            width="${width}"
            height="8"
        /></g> `
      })}
      <line class="now" x1="${now}" x2="${now}" y1="18" y2="${height}" />
      <text class="now" x="${now}" y="${height + 14}" text-anchor="middle">bundle taken</text>
    </svg>
    ${left > 0 ? html`<p class="of">${counted(left, 'certificate')} that end later are not drawn.</p>` : undefined}
  </figure>`
}

function shareOf(atMs: number, nowMs: number): number {
  const days = (atMs - nowMs) / DAY_MS
  return Math.min(1, Math.max(0, (days + DAYS_BACK) / (DAYS_BACK + DAYS_ON)))
}

function labelOf({ node, path }: CertificateSpan): string {
  return `${node} ${lastCharacters(path.split('/').at(-1) ?? path, 28)}`
}

function endOf({ state, notBefore, notAfter }: CertificateSpan): string {
  switch (state) {
    case 'valid':
      return `to ${formatDay(notAfter)}`
    case 'expiring':
      return `ends ${formatDay(notAfter)}`
    case 'expired':
      return `expired ${formatDay(notAfter)}`
    case 'not-yet-valid':
      return `valid from ${formatDay(notBefore)}`
  }
}
