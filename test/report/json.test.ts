import { expect, test } from 'vitest'
import { renderJson } from '../../analyzer/report/json.ts'
import { controlPayloads, steeringCharacters } from './hostileTexts.ts'
import { sampleReport, withTexts } from './sampleReport.ts'

test('bears every field of schema 1 by its name', () => {
  const report = JSON.parse(renderJson(sampleReport))
  expect(Object.keys(report)).toEqual([
    'schema',
    'tool',
    'language',
    'bundles',
    'rejected',
    'outcomes',
    'figures',
  ])
  expect(report.tool).toEqual({ name: 'coldcase', version: '0.1.0' })
  expect(Object.keys(report.bundles[0])).toEqual([
    'id',
    'file',
    'sha256',
    'node',
    'layout',
    'collectedAt',
    'complete',
    'problems',
    'sources',
  ])
  expect(report.bundles[0].sources[0]).toEqual({
    source: 'node-meta',
    path: 'meta/node.txt',
    status: 'ok',
    bytes: 412,
    parsed: 412,
    skipped: 0,
    dropped: 0,
    unreadLines: 0,
  })
  expect(report.outcomes[0]).toEqual(sampleReport.outcomes[0])
})

test('tells what was lost of a source only where something was', () => {
  const report = JSON.parse(renderJson(sampleReport))
  const [, , , journal, neighbours] = report.bundles[1].sources
  expect(journal).toMatchObject({ status: 'truncated', droppedOnNode: 48_234_112 })
  expect(neighbours).toMatchObject({
    unreadLines: 1,
    unread: [{ number: 9, text: 'Error: ipv4: neighbour dump interrupted.' }],
  })
  expect(neighbours).not.toHaveProperty('droppedOnNode')
})

test('does not depend on the order in which fields were set', () => {
  const reversed = {
    figures: sampleReport.figures,
    outcomes: sampleReport.outcomes.map((outcome) => {
      const entries = Object.entries(outcome).toReversed()
      return { ...Object.fromEntries(entries), ...outcome }
    }),
    rejected: sampleReport.rejected,
    bundles: sampleReport.bundles,
    language: sampleReport.language,
    tool: sampleReport.tool,
    schema: sampleReport.schema,
  }
  expect(Object.keys(reversed.outcomes[0] ?? {})[0]).toBe('verify')
  expect(renderJson(reversed)).toBe(renderJson(sampleReport))
})

test('holds nothing that steers a terminal, and loses nothing by it', () => {
  const hostile = withTexts(sampleReport, (text) => text + controlPayloads.join(' '))
  const json = renderJson(hostile)
  expect(steeringCharacters(json, '\n')).toEqual([])
  expect(JSON.parse(json).outcomes[0].title).toBe(
    hostile.outcomes.map((it) => (it.state === 'found' ? it.title : ''))[0],
  )
  expect(json.endsWith('}\n')).toBe(true)
})
