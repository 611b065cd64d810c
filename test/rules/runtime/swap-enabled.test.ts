import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/runtime/swap-enabled.ts'
import { textNode } from '../../support/textCluster.ts'

const META = { 'meta/node.txt': 'started_utc=1795219245\nuptime_seconds=864000\n' }

async function found(files: Readonly<Record<string, string>>) {
  const result = rule.check(await textNode({ ...META, ...files }), 'en')
  if (result.state !== 'found') return result.state
  return result.findings.map(({ subject, severity, confidence }) => [subject, severity, confidence])
}

const line = (day: string) =>
  `2026-11-${day}T23:00:00.000000+00:00 n kubelet[1]: running with swap on is not supported, please disable swap or set --fail-swap-on flag to false.\n`.repeat(
    1,
  )

test('what is logged now counts more than what may be history', async () => {
  expect(await found({ 'journal/kubelet.txt': line('20') })).toEqual([['kubelet', 'high', 'likely']])
  expect(await found({ 'journal/kubelet.txt': line('14') })).toEqual([['kubelet', 'medium', 'possible']])
})

test('without the log nothing is known, and its silence is good', async () => {
  expect(await found({})).not.toBe('clear')
  expect(
    await found({ 'journal/kubelet.txt': '2026-11-20T23:00:00.000000+00:00 n kubelet[1]: fine\n' }),
  ).toBe('clear')
})
