import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/runtime/disk-pressure.ts'
import { foundIn } from '../../support/foundIn.ts'

const line = (day: string) =>
  `2026-11-${day}T23:00:00.000000+00:00 n kubelet[1]: eviction manager: attempting to reclaim inodes\n`

test('what is logged now counts more than what may be history', async () => {
  expect(await foundIn(rule, { 'journal/kubelet.txt': line('20') })).toEqual([['full', 'high', 'likely']])
  expect(await foundIn(rule, { 'journal/kubelet.txt': line('14') })).toEqual([['full', 'medium', 'possible']])
})

test('without the log nothing is known, and its silence is good', async () => {
  expect(await foundIn(rule, {})).not.toBe('clear')
  expect(
    await foundIn(rule, { 'journal/kubelet.txt': '2026-11-20T23:00:00.000000+00:00 n kubelet[1]: fine\n' }),
  ).toBe('clear')
})

test('a device that stopped is not told a second time for its errors', async () => {
  const log =
    'EXT4-fs error (device sda1): x\nEXT4-fs (sda1): Remounting filesystem read-only\nEXT4-fs error (device sdb1): x\n'
  expect(await foundIn(rule, { 'kernel/dmesg.txt': log })).toEqual([
    ['stopped:sda1', 'critical', 'likely'],
    ['error:sdb1', 'high', 'likely'],
  ])
})
