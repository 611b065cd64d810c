import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/evidence/clock-unsynchronised.ts'
import { checkRule } from '../../support/checkRule.ts'

const judged = (meta: string) => checkRule(rule, { 'node-1': { 'meta/node.txt': meta } })

test('a clock that follows no server is a hint, no proof', async () => {
  expect(await judged('ntp_synchronized=no\n')).toMatchObject({
    state: 'found',
    findings: [{ severity: 'low', confidence: 'possible' }],
  })
  expect(await judged('ntp_synchronized=yes\n')).toMatchObject({ state: 'clear' })
})

test('a clock that stepped back while the collector ran is proved by its own times', async () => {
  const meta = 'started_utc=1795220878\nfinished_utc=1795220800\nntp_synchronized=yes\n'
  expect(await judged(meta)).toMatchObject({
    state: 'found',
    findings: [{ severity: 'medium', confidence: 'certain' }],
  })
  expect(
    await judged('started_utc=1795220878\nfinished_utc=1795220878\nntp_synchronized=yes\n'),
  ).toMatchObject({
    state: 'clear',
  })
})

test('where the bundle does not tell, nothing is said', async () => {
  expect(await judged('started_utc=1795220878\n')).toMatchObject({
    state: 'not-applicable',
    reason: 'The bundle does not tell whether the clock is synchronised.',
  })
})
