import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/runtime/pleg-unhealthy.ts'
import { textNode } from '../../support/textCluster.ts'

const META = { 'meta/node.txt': 'started_utc=1795219245\nuptime_seconds=864000\n' }

async function found(files: Readonly<Record<string, string>>) {
  const result = rule.check(await textNode({ ...META, ...files }), 'en')
  if (result.state !== 'found') return result.state
  return result.findings.map(({ subject, severity, confidence }) => [subject, severity, confidence])
}

const line = (day: string) =>
  `2026-11-${day}T23:00:00.000000+00:00 n k3s[1]: PLEG is not healthy: pleg was last seen active 3m1s ago; threshold is 3m0s\n`.repeat(
    1,
  )

test('what is logged now counts more than what may be history', async () => {
  expect(await found({ 'journal/k3s.txt': line('20') })).toEqual([['pleg', 'high', 'likely']])
  expect(await found({ 'journal/k3s.txt': line('14') })).toEqual([['pleg', 'medium', 'possible']])
})

test('without the log nothing is known, and its silence is good', async () => {
  expect(await found({})).not.toBe('clear')
  expect(await found({ 'journal/k3s.txt': '2026-11-20T23:00:00.000000+00:00 n k3s[1]: fine\n' })).toBe(
    'clear',
  )
})

test('the longest wait is told, in the kubelet’s own words', async () => {
  const waits = ['3m9.5s', '1h2m1s', '59m0s']
  const text = waits
    .map((age) => `PLEG is not healthy: pleg was last seen active ${age} ago; threshold is 3m0s\n`)
    .join('')
  const result = rule.check(await textNode({ 'journal/kubelet.txt': text }), 'en')
  expect(result.state === 'found' && result.findings[0]?.title).toContain('for 1h2m1s')
})
