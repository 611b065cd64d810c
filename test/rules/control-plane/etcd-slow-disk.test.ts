import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/control-plane/etcd-slow-disk.ts'
import { fixture } from '../../support/fixture.ts'
import { textNode } from '../../support/textCluster.ts'

/** 2026-11-21 00:27:58 UTC, a day after the boot. */
const META = 'started_utc=1795220878\nuptime_seconds=86400\n'

async function outcome(files: Readonly<Record<string, string>>): Promise<string> {
  const result = rule.check(await textNode({ 'meta/node.txt': META, ...files }), 'en')
  return result.state === 'found' ? `found ${result.findings[0]?.confidence}` : result.state
}

const applies = (count: number): string =>
  Array.from(
    { length: count },
    (_, index) =>
      `{"level":"warn","ts":"2026-11-21T00:${10 + (index % 10)}:00.726Z","caller":"etcdserver/util.go:163","msg":"apply request took too long","took":"203.1ms","expected-duration":"100ms"}\n`,
  )
    .toSorted()
    .join('')

test('ten milliseconds are the limit, in whatever unit fio prints', async () => {
  const run = fixture('fio/pasted-part.txt')
  const with99 = (value: number) => ({
    'extra/fio.txt': run.replace('99.00th=[ 2376]', `99.00th=[${value}]`),
  })
  expect(await outcome(with99(10_000))).toBe('clear')
  expect(await outcome(with99(10_001))).toBe('found likely')
  expect(await outcome({ 'extra/fio.txt': run.replaceAll('(usec)', '(nsec)') })).toBe('clear')
})

test('slow requests count from thirty an hour', async () => {
  expect(await outcome({ 'journal/etcd.txt': applies(30) })).toBe('unchecked')
  expect(await outcome({ 'journal/etcd.txt': applies(31) })).toBe('found possible')
})

test('a log that complains of nothing is no proof', async () => {
  expect(await outcome({ 'journal/etcd.txt': 'nothing\n' })).toBe('unchecked')
  expect(await outcome({ 'extra/fio.txt': fixture('fio/no-sync.txt') })).toBe('unchecked')
})
