import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/conntrack/conntrack-insert-failed-dns-race.ts'
import { fixture } from '../../support/fixture.ts'
import { textNode } from '../../support/textCluster.ts'

test('a real node has lost none', async () => {
  const node = await textNode({ 'conntrack/stats.txt': fixture('conntrack-stats/per-cpu.txt') })
  expect(rule.check(node, 'en').state).toBe('clear')
})

test('counts of all processors are added up', async () => {
  const rows = [0, 1].map((cpu) => `cpu=${cpu}   \tfound=0 invalid=0 insert_failed=60 drop=0\n`)
  const node = await textNode({ 'conntrack/stats.txt': rows.join('') })
  for (const language of ['en', 'zh'] as const) {
    const result = rule.check(node, language)
    expect(result.state === 'found' && result.findings[0]?.title).toContain('120')
  }
})

test('without the counter nothing is said', async () => {
  const node = await textNode({ 'conntrack/stats.txt': 'cpu=0   \tfound=0 drop=0\n' })
  expect(rule.check(node, 'en').state).toBe('unchecked')
})
