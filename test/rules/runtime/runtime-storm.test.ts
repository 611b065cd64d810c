import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/runtime/runtime-storm.ts'
import { textNode } from '../../support/textCluster.ts'

const META = { 'meta/node.txt': 'started_utc=1795219245\nuptime_seconds=864000\n' }

async function found(files: Readonly<Record<string, string>>) {
  const result = rule.check(await textNode({ ...META, ...files }), 'en')
  if (result.state !== 'found') return result.state
  return result.findings.map(({ subject, severity, confidence }) => [subject, severity, confidence])
}

const restarts = (minutes: readonly number[]) =>
  minutes
    .map(
      (minute) =>
        `2026-11-20T23:${String(minute).padStart(2, '0')}:00.000000+00:00 n systemd[1]: containerd.service: Scheduled restart job, restart counter is at 2.\n`,
    )
    .join('')

test('more than three restarts an hour are a storm', async () => {
  expect(await found({ 'journal/containerd.txt': restarts([1, 2, 3]) })).toBe('clear')
  expect(await found({ 'journal/containerd.txt': restarts([1, 2, 3, 4]) })).toEqual([
    ['failures', 'high', 'likely'],
  ])
})

test('history is no storm, and without a journal nothing is known', async () => {
  const old = restarts([1, 2, 3, 4]).replaceAll('11-20', '11-14')
  expect(await found({ 'journal/containerd.txt': old })).toBe('clear')
  expect(await found({})).toBe('unchecked')
})
