import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/evidence/evidence-window-short.ts'
import { checkRule } from '../../support/checkRule.ts'

/** 2026-11-21 00:27:58 UTC. */
const META = 'started_utc=1795220878\n'
const up = (seconds: number, journal = '') =>
  checkRule(rule, {
    'node-1': { 'meta/node.txt': `${META}uptime_seconds=${seconds}\n`, 'journal/k3s.txt': journal },
  })

test('a node is settled after fifteen minutes', async () => {
  expect(await up(899)).toMatchObject({ state: 'found', findings: [{ severity: 'info' }] })
  expect(await up(900)).toMatchObject({ state: 'clear' })
})

test('lines that the journal dropped weigh more, also on a settled node', async () => {
  const journal =
    'Nov 21 00:20:01 node-1 systemd-journald[400]: Suppressed 4512 messages from k3s.service\n' +
    'Nov 21 00:21:01 node-1 systemd-journald[400]: Suppressed 88 messages from k3s.service\n'
  const result = await up(86_400, journal)
  expect(result).toMatchObject({ state: 'found', findings: [{ severity: 'low', confidence: 'certain' }] })
  expect(result.state === 'found' && result.findings[0]?.summary).toContain('4,600')
})

test('a bundle that does not tell its uptime is not called young', async () => {
  expect(await checkRule(rule, { 'node-1': { 'meta/node.txt': META } })).toMatchObject({ state: 'clear' })
})
