import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/control-plane/etcd-leader-changes.ts'
import { textNode } from '../../support/textCluster.ts'

/** 2026-11-21 00:27:58 UTC, a day after the boot. */
const META = 'started_utc=1795220878\nuptime_seconds=86400\n'

/** Elections at these minutes of the day before, at rising terms. */
async function outcome(minutes: readonly number[], sameTerm = false): Promise<string> {
  const lines = minutes.map((minute, index) => {
    const time = new Date(Date.UTC(2026, 10, 20, 12, minute)).toISOString()
    return `{"level":"info","ts":"${time}","caller":"raft/node.go:325","msg":"raft.node: 34dffb3c74b89151 elected leader 4e54f8d96324c49a at term ${sameTerm ? 2 : index + 2}"}\n`
  })
  const files = { 'meta/node.txt': META, 'journal/etcd.txt': lines.join('') || 'nothing\n' }
  const result = rule.check(await textNode(files), 'en')
  return result.state === 'found' ? `found ${result.findings[0]?.severity}` : result.state
}

test('three new terms within an hour; the term that was there does not count', async () => {
  expect(await outcome([0, 10, 20])).toBe('clear')
  expect(await outcome([0, 10, 20, 30])).toBe('found high')
  expect(await outcome([0, 40, 80, 120])).toBe('clear')
  expect(await outcome([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])).toBe('found critical')
})

test('a member that starts tells of a leader that was there before', async () => {
  expect(await outcome([0, 10, 20, 30, 40], true)).toBe('clear')
  expect(await outcome([])).toBe('clear')
})

test('without a log of etcd nothing is known', async () => {
  const node = await textNode({ 'meta/node.txt': META, 'journal/kubelet.txt': 'nothing\n' })
  expect(rule.check(node, 'en').state).toBe('unchecked')
})
