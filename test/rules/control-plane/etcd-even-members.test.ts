import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/control-plane/etcd-even-members.ts'
import { textNode } from '../../support/textCluster.ts'

async function outcome(count: number, learners = 0) {
  const members = Array.from(
    { length: count },
    (_, index) =>
      `{"name":"m${index}","peerURLs":["https://192.0.2.${index}:2380"]${index < learners ? ',"isLearner":true' : ''}}`,
  )
  const node = await textNode({ 'etcd/member-list.json': `{"members":[${members.join(',')}]}\n` })
  return rule.check(node, 'en')
}

test('odd numbers are sound, even ones bear no more than one less', async () => {
  expect((await outcome(1)).state).toBe('clear')
  expect((await outcome(3)).state).toBe('clear')
  expect((await outcome(4, 1)).state).toBe('clear')
  const four = await outcome(4)
  expect(four.state === 'found' && four.findings[0]?.summary).toContain(
    'the loss of 1, no more than 3 members do',
  )
  const two = await outcome(2)
  expect(two.state === 'found' && two.findings[0]?.severity).toBe('high')
})
