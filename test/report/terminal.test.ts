import { expect, test } from 'vitest'
import { renderTerminal } from '../../analyzer/report/terminal.ts'
import { columnsOf } from '../../analyzer/text/wrapWords.ts'
import { controlPayloads, steeringCharacters } from './hostileTexts.ts'
import { sampleReport, withTexts } from './sampleReport.ts'

test('a finding a paragraph, one closing paragraph', async () => {
  await expect(renderTerminal(sampleReport, { color: false, columns: 100 })).toMatchFileSnapshot(
    'snapshots/terminal.txt',
  )
})

test('holds no control character but the line feed', () => {
  const hostile = withTexts(sampleReport, (text) => text + controlPayloads.join(' '))
  expect(steeringCharacters(renderTerminal(hostile, { color: false, columns: 80 }), '\n')).toEqual([])
})

test('colors with SGR sequences only, and says the same without', () => {
  const colored = renderTerminal(sampleReport, { color: true, columns: 80 })
  const [start = '', ...painted] = colored.split('\x1b[')
  expect(painted.filter((part) => !/^[\d;]+m/.test(part))).toEqual([])
  expect(painted.length).toBeGreaterThan(0)
  const plain = start + painted.map((part) => part.slice(part.indexOf('m') + 1)).join('')
  expect(plain).toBe(renderTerminal(sampleReport, { color: false, columns: 80 }))
})

test.each([40, 80, 100, 300])('keeps prose and evidence within %i columns', (columns) => {
  const commands = new Set(
    sampleReport.outcomes.flatMap((it) => {
      return it.state === 'found' ? [...it.remedy, ...it.verify].flatMap((step) => step.commands) : []
    }),
  )
  const lines = renderTerminal(sampleReport, { color: false, columns }).split('\n')
  const tooWide = lines.filter(
    (line) => columnsOf(line) > Math.min(100, columns) && !commands.has(line.trim()),
  )
  expect(tooWide).toEqual([])
})

test('commands stay on one line, to be copied', () => {
  const lines = renderTerminal(sampleReport, { color: false, columns: 40 }).split('\n')
  expect(lines.map((line) => line.trim())).toContain(
    "iptables-save | awk '/^\\*/{delete s} /^[*:#C]/||!s[$0]++' | iptables-restore",
  )
})

test('a sound case is told in two lines', () => {
  const outcomes = sampleReport.outcomes.filter(({ state }) => state === 'clear')
  const bundles = sampleReport.bundles.slice(0, 2)
  expect(renderTerminal({ ...sampleReport, bundles, outcomes }, { color: false, columns: 80 })).toBe(
    'Nothing wrong was found on 2 nodes\n\n21 checks clear, 0 not applicable, every check could be made.\n',
  )
})
