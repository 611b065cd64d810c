import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/control-plane/api-server-unreachable.ts'
import { textNode } from '../../support/textCluster.ts'

const line = (second: number, error: string): string =>
  `E1121 00:27:${second}.962067   25498 controller.go:187] failed to update lease, error: Put "https://[fd00::11]:6443/apis/x": ${error}`

/** 2026-11-21 00:27:58 UTC, a day after the boot. */
const META = 'started_utc=1795220878\nuptime_seconds=86400\n'

test('many lines: only the first and last are kept, all are counted', async () => {
  const log = Array.from({ length: 45 }, (_, index) => line(10 + index, 'context deadline exceeded'))
  const node = await textNode({ 'meta/node.txt': META, 'journal/k3s.txt': `${log.join('\n')}\n` })
  const result = rule.check(node, 'en')
  expect(result.state).toBe('found')
  if (result.state !== 'found') return
  expect(result.findings[0]?.title).toContain('[fd00::11]:6443')
  expect(result.findings[0]?.summary).toContain('At least 45 log lines')
  expect(result.findings[0]?.subject).toBe('fd00::11-6443-timeout')
})

test('kinds of failures are told apart', async () => {
  const log = ['no route to host', 'connection refused'].flatMap((error) =>
    [11, 22, 33].map((second) => line(second, `dial tcp [fd00::11]:6443: connect: ${error}`)),
  )
  const node = await textNode({ 'meta/node.txt': META, 'journal/kubelet.txt': `${log.join('\n')}\n` })
  const result = rule.check(node, 'en')
  expect(result.state === 'found' && result.findings.map(({ subject }) => subject)).toEqual([
    'fd00::11-6443-no-route',
    'fd00::11-6443-refused',
  ])
})

test('a node that has only just started is not judged', async () => {
  const log = [11, 22, 33].map((second) => line(second, 'context deadline exceeded'))
  const meta = META.replace('86400', '200')
  const node = await textNode({ 'meta/node.txt': meta, 'journal/kubelet.txt': `${log.join('\n')}\n` })
  expect(rule.check(node, 'en').state).toBe('unchecked')
})

test('a log of another unit proves nothing by what it lacks', async () => {
  const node = await textNode({ 'meta/node.txt': META, 'journal/containerd.txt': 'nothing\n' })
  expect(rule.check(node, 'en').state).toBe('unchecked')
})
