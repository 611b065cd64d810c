import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/runtime/pleg-unhealthy.ts'
import { foundIn } from '../../support/foundIn.ts'
import { textNode } from '../../support/textCluster.ts'

const line = (day: string) =>
  `2026-11-${day}T23:00:00.000000+00:00 n k3s[1]: PLEG is not healthy: pleg was last seen active 3m1s ago; threshold is 3m0s\n`

test('what is logged now counts more than what may be history', async () => {
  expect(await foundIn(rule, { 'journal/k3s.txt': line('20') })).toEqual([['pleg', 'high', 'likely']])
  expect(await foundIn(rule, { 'journal/k3s.txt': line('14') })).toEqual([['pleg', 'medium', 'possible']])
})

test('without the log nothing is known, and its silence is good', async () => {
  expect(await foundIn(rule, {})).not.toBe('clear')
  expect(
    await foundIn(rule, { 'journal/k3s.txt': '2026-11-20T23:00:00.000000+00:00 n k3s[1]: fine\n' }),
  ).toBe('clear')
})

test('the longest wait is told, in the kubelet’s own words', async () => {
  const waits = ['3m9.5s', '1h2m1s', '59m0s']
  const text = waits
    .map((age) => `PLEG is not healthy: pleg was last seen active ${age} ago; threshold is 3m0s\n`)
    .join('')
  const result = rule.check(await textNode({ 'journal/kubelet.txt': text }), 'en')
  expect(result.state === 'found' && result.findings[0]?.title).toContain('for 1h2m1s')
})
