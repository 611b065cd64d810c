import { formatDay } from '../../text/formatTime.ts'
import type { CertificateSpan } from '../figure.ts'
import type { ReportWords } from '../words.ts'
import {
  ROW_HEIGHT,
  bar,
  clipEnd,
  clipStart,
  drawnRows,
  notDrawn,
  percent,
  rowWords,
  tick,
} from './barRow.ts'
import { type Html, html } from './html.ts'
import { nodeLabels } from './nodeLabels.ts'

/** Leaf certificates of k3s and kubeadm live 365 days; half a year back and a year on shows where a node stands. */
const DAYS_BACK = 180
const DAYS_ON = 365
const DAY_MS = 86_400_000

const NOW = DAYS_BACK / (DAYS_BACK + DAYS_ON)

const KINDS = { valid: 'plain', expiring: 'warn', expired: 'bad', 'not-yet-valid': 'bad' } as const

/** Certificates on a time line about the moment the bundle was taken, the soonest to end first. */
export function certificateLifetimes(
  judgedAt: string,
  spans: readonly CertificateSpan[],
  words: ReportWords['figures'],
): Html {
  const labelOf = nodeLabels(spans.map(({ node }) => node))
  const soonest = spans.toSorted((a, b) => Date.parse(a.notAfter) - Date.parse(b.notAfter))
  const rows = drawnRows(soonest, ({ notAfter }) => -Date.parse(notAfter))
  const height = rows.length * ROW_HEIGHT
  const told = soonest.map((span) => `${span.node} ${span.path}, ${span.subject}: ${endOf(span, words)}`)
  return html`<figure class="chart">
    <figcaption>${words.certificatesCaption}</figcaption>
    <svg
      width="100%"
      height="${height + 16}"
      role="img"
      aria-labelledby="certificates-title certificates-desc"
    >
      <title id="certificates-title">${words.certificates}</title>
      <desc id="certificates-desc">${told.join('; ')}</desc>
      ${rows.map((span, index) => row(span, { label: labelOf(span.node), index, nowMs: Date.parse(judgedAt), words }))}
      <text class="plain" x="${percent(NOW)}" y="${height + 10}" text-anchor="middle">
        ${words.bundleTaken(formatDay(judgedAt))}
      </text>
    </svg>
    ${notDrawn(spans.length - rows.length, words.moreCertificates)}
  </figure>`
}

interface Row {
  readonly label: string
  readonly index: number
  readonly nowMs: number
  readonly words: ReportWords['figures']
}

function row(span: CertificateSpan, { label: node, index, nowMs, words }: Row): Html {
  const label = `${clipEnd(node, 16)} ${clipStart(nameOf(span.path), 22)}`
  const kind = KINDS[span.state]
  const life = bar(index, shareOf(span.notBefore, nowMs), shareOf(span.notAfter, nowMs), kind)
  return html`<g
    ><title>${span.node} ${span.path}: ${span.subject}</title
    >${rowWords(index, label, endOf(span, words), kind)}${bar(index, 0, 1, 'track')}${life}${tick(index, NOW)}</g
  >`
}

/** Where a moment stands on the line; what lies beyond its ends stands at them. */
function shareOf(iso: string, nowMs: number): number {
  const days = (Date.parse(iso) - nowMs) / DAY_MS
  return Math.min(1, Math.max(0, (days + DAYS_BACK) / (DAYS_BACK + DAYS_ON)))
}

/** The file's name, without the ending that all of them share. */
function nameOf(path: string): string {
  const file = path.split('/').at(-1) ?? path
  return file.replace(/\.(?:crt|pem)$/, '')
}

function endOf({ state, notBefore, notAfter }: CertificateSpan, { ends }: ReportWords['figures']): string {
  return ends[state](formatDay(state === 'not-yet-valid' ? notBefore : notAfter))
}
