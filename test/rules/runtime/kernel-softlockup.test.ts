import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/runtime/kernel-softlockup.ts'
import { textNode } from '../../support/textCluster.ts'

const META = { 'meta/node.txt': 'started_utc=1795219245\nuptime_seconds=864000\n' }

async function found(files: Readonly<Record<string, string>>) {
  const result = rule.check(await textNode({ ...META, ...files }), 'en')
  if (result.state !== 'found') return result.state
  return result.findings.map(({ subject, severity, confidence }) => [subject, severity, confidence])
}

const line = (day: string) =>
  `2026-11-${day}T23:00:00.000000+00:00 n kernel: watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [x:1]\n`.repeat(
    2,
  )

test('what is logged now counts more than what may be history', async () => {
  expect(await found({ 'kernel/dmesg.txt': line('20') })).toEqual([['stall', 'high', 'likely']])
  expect(await found({ 'kernel/dmesg.txt': line('14') })).toEqual([['stall', 'medium', 'possible']])
})

test('without the log nothing is known, and its silence is good', async () => {
  expect(await found({})).not.toBe('clear')
  expect(await found({ 'kernel/dmesg.txt': '2026-11-20T23:00:00.000000+00:00 n kernel: fine\n' })).toBe(
    'clear',
  )
})
