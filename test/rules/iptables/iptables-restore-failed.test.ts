import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/iptables/iptables-restore-failed.ts'
import { textNode } from '../../support/textCluster.ts'

const META = { 'meta/node.txt': 'started_utc=1795219245\nuptime_seconds=864000\n' }

async function found(files: Readonly<Record<string, string>>) {
  const result = rule.check(await textNode({ ...META, ...files }), 'en')
  if (result.state !== 'found') return result.state
  return result.findings.map(({ subject, severity, confidence }) => [subject, severity, confidence])
}

const line = (day: string) =>
  `2026-11-${day}T23:00:00.000000+00:00 n kube-proxy[1]: Failed to execute iptables-restore: exit status 1 (iptables-restore: line 5 failed\n`.repeat(
    2,
  )

test('what is logged now counts more than what may be history', async () => {
  expect(await found({ 'journal/kube-proxy.txt': line('20') })).toEqual([['restore', 'medium', 'likely']])
  expect(await found({ 'journal/kube-proxy.txt': line('14') })).toEqual([['restore', 'medium', 'possible']])
})

test('without the log nothing is known, and its silence is good', async () => {
  expect(await found({})).not.toBe('clear')
  expect(
    await found({ 'journal/kube-proxy.txt': '2026-11-20T23:00:00.000000+00:00 n kube-proxy[1]: fine\n' }),
  ).toBe('clear')
})
