import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/control-plane/etcd-member-broken.ts'
import { textNode } from '../../support/textCluster.ts'

/** 2026-11-21 00:27:58 UTC, a day after the boot. */
const META = 'started_utc=1795220878\nuptime_seconds=86400\n'

async function confidence(times: readonly string[]): Promise<string | undefined> {
  const log = times.map(
    (time) =>
      `2026-11-21 ${time} E | rafthttp: request sent was ignored (cluster ID mismatch: peer[a]=b, local=c)\n`,
  )
  const node = await textNode({ 'meta/node.txt': META, 'journal/etcd.txt': log.join('') })
  const result = rule.check(node, 'en')
  return result.state === 'found' ? result.findings[0]?.confidence : result.state
}

test('what goes on is likely, what was logged once or hours ago is possible', async () => {
  expect(await confidence(['00:27:01.1', '00:27:02.1', '00:27:03.1'])).toBe('likely')
  expect(await confidence(['00:27:01.1'])).toBe('possible')
})

test('a log without such lines is clear, no log is unchecked', async () => {
  expect(rule.check(await textNode({ 'meta/node.txt': META }), 'en').state).toBe('unchecked')
  const node = await textNode({ 'meta/node.txt': META, 'journal/etcd.txt': 'nothing\n' })
  expect(rule.check(node, 'en').state).toBe('clear')
})
