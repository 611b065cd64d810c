import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/certificates/clock-skew.ts'
import { textNode } from '../../support/textCluster.ts'

/** 2026-11-21 00:27:58 UTC, a day after the boot. */
const META = 'started_utc=1795220878\nuptime_seconds=86400\n'

async function finding(difference: string, count: number) {
  const line = (second: number) =>
    `2026-11-21 00:27:${10 + second}.123456 W | rafthttp: the clock difference against peer 91bc3c398fb3c146 is too high [${difference} > 1s]\n`
  const log = Array.from({ length: count }, (_, index) => line(index)).join('')
  const result = rule.check(
    await textNode({ 'meta/node.txt': META, 'journal/etcd.txt': log || 'nothing\n' }),
    'en',
  )
  if (result.state !== 'found') return result.state
  const [first] = result.findings
  return `${first?.severity} ${first?.confidence}`
}

test('from ten seconds on it is high; fewer than three lines are possible', async () => {
  expect(await finding('1m2.03s', 3)).toBe('high likely')
  expect(await finding('1.4s', 3)).toBe('medium likely')
  expect(await finding('1m2.03s', 1)).toBe('high possible')
  expect(await finding('', 0)).toBe('clear')
})

test('without etcd and certificates a single clock proves nothing', async () => {
  expect(rule.check(await textNode({ 'meta/node.txt': META }), 'en').state).toBe('unchecked')
})
