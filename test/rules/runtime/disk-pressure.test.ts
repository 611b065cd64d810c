import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/runtime/disk-pressure.ts'
import { textNode } from '../../support/textCluster.ts'

const META = { 'meta/node.txt': 'started_utc=1795219245\nuptime_seconds=864000\n' }

async function found(files: Readonly<Record<string, string>>) {
  const result = rule.check(await textNode({ ...META, ...files }), 'en')
  if (result.state !== 'found') return result.state
  return result.findings.map(({ subject, severity, confidence }) => [subject, severity, confidence])
}

const line = (day: string) =>
  `2026-11-${day}T23:00:00.000000+00:00 n kubelet[1]: eviction manager: attempting to reclaim inodes\n`.repeat(
    1,
  )

test('what is logged now counts more than what may be history', async () => {
  expect(await found({ 'journal/kubelet.txt': line('20') })).toEqual([['full', 'high', 'likely']])
  expect(await found({ 'journal/kubelet.txt': line('14') })).toEqual([['full', 'medium', 'possible']])
})

test('without the log nothing is known, and its silence is good', async () => {
  expect(await found({})).not.toBe('clear')
  expect(
    await found({ 'journal/kubelet.txt': '2026-11-20T23:00:00.000000+00:00 n kubelet[1]: fine\n' }),
  ).toBe('clear')
})

test('a device that stopped is not told a second time for its errors', async () => {
  const log =
    'EXT4-fs error (device sda1): x\nEXT4-fs (sda1): Remounting filesystem read-only\nEXT4-fs error (device sdb1): x\n'
  expect(await found({ 'kernel/dmesg.txt': log })).toEqual([
    ['stopped:sda1', 'critical', 'likely'],
    ['error:sdb1', 'high', 'likely'],
  ])
})
