import { expect, test } from 'vitest'
import { renderFigures } from '../../analyzer/report/html/figures.ts'
import { nodeLabels } from '../../analyzer/report/html/nodeLabels.ts'
import { reportWords } from '../../analyzer/report/words.ts'
import { sampleReport } from './sampleReport.ts'

/** Widths of the bars of one kind, in per cent. */
function widths(markup: string, kind: string): readonly number[] {
  const bars = markup.matchAll(/<rect\s+class="([a-z]+)"\s+x="[\d.]+%"\s+y="\d+"\s+width="([\d.]+)%"/g)
  return [...bars].filter(([, name]) => name === kind).map(([, , width]) => Number(width))
}

function draw(...figures: typeof sampleReport.figures): string {
  return renderFigures(figures, reportWords('en'))?.markup ?? ''
}

const [rules, certificates, pools] = sampleReport.figures

test('bars keep their proportions, and the least of them is seen', () => {
  const markup = draw(...(rules ? [rules] : []))
  expect(widths(markup, 'bad')).toEqual([100])
  expect(widths(markup, 'plain')).toEqual([0.3, 0.3])
  expect(widths(markup, 'track')).toEqual([100, 100, 100])
})

test('a certificate ends where its day stands between half a year back and a year on', () => {
  const markup = draw(...(certificates ? [certificates] : []))
  const [expired = 0] = widths(markup, 'bad')
  // Ended 2026-11-11 09:12:44, 9.61 days before the bundle was taken: (180 - 9.61) / 545.
  expect(expired).toBeCloseTo(31.27, 1)
  expect(widths(markup, 'warn')).toHaveLength(1)
  expect(markup.indexOf('expired 2026-11-11')).toBeLessThan(markup.indexOf('ends 2026-12-09'))
})

test('leaked reservations stand apart from those in use', () => {
  const markup = draw(...(pools ? [pools] : []))
  expect(widths(markup, 'bad')).toEqual([83.79])
  expect(widths(markup, 'plain')).toEqual([16.21, 15.42, 34.39])
  expect(markup).toContain('251 of 253, 212 leaked')
})

test('every picture has its words', () => {
  const markup = draw(...sampleReport.figures)
  expect(markup.match(/<svg/g)).toHaveLength(3)
  expect(markup).toContain('node-1 180,124, node-2 230, node-3 212')
  expect(markup.match(/<desc id="[a-z-]+">[^<]+<\/desc>/g)).toHaveLength(3)
})

test('numbers that make no sense do not leave the picture', () => {
  const pool = {
    node: 'node-1',
    network: 'cbr0',
    subnet: '10.42.0.0/24',
    used: 300,
    capacity: 0,
    leaked: 400,
  }
  const span = {
    node: 'node-1',
    path: 'a.crt',
    subject: '',
    notBefore: 'x',
    notAfter: 'y',
    state: 'expired',
  } as const
  const markup = draw(
    { kind: 'pool-use', pools: [pool] },
    { kind: 'certificate-lifetimes', judgedAt: 'never', spans: [span] },
    { kind: 'rules-per-node', bars: [{ node: 'node-1', count: 0, outlier: false }] },
  )
  const shares = [...markup.matchAll(/(?:x|width)="([^"]+)%"/g)].map(([, share]) => Number(share))
  expect(shares.filter((share) => !(share >= 0 && share <= 100))).toEqual([])
})

test('many rows are cut to those that weigh most, and the rest is counted', () => {
  const bars = Array.from({ length: 40 }, (_, count) => ({ node: `node-${count}`, count, outlier: false }))
  const markup = draw({ kind: 'rules-per-node', bars })
  expect(widths(markup, 'track')).toHaveLength(16)
  expect(markup).toContain('>node-39<')
  expect(markup).toContain('24 more nodes with fewer rules')
})

test('no figures, no section', () => {
  expect(draw()).toBe('')
  expect(draw({ kind: 'pool-use', pools: [] })).toBe('')
})

test('nodes go by their first label where that tells them apart', () => {
  const cloud = ['ip-10-0-1-7.internal', 'ip-10-0-1-8.internal']
  expect(cloud.map(nodeLabels(cloud))).toEqual(['ip-10-0-1-7', 'ip-10-0-1-8'])
  const twins = ['db.east.example', 'db.west.example']
  expect(twins.map(nodeLabels(twins))).toEqual(twins)
  const addresses = ['192.0.2.1']
  expect(addresses.map(nodeLabels(addresses))).toEqual(addresses)
})
