import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/runtime/kernel-softlockup.ts'
import { foundIn } from '../../support/foundIn.ts'

const line = (day: string) =>
  `2026-11-${day}T23:00:00.000000+00:00 n kernel: watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [x:1]\n`.repeat(
    2,
  )

test('what is logged now counts more than what may be history', async () => {
  expect(await foundIn(rule, { 'kernel/dmesg.txt': line('20') })).toEqual([['stall', 'high', 'likely']])
  expect(await foundIn(rule, { 'kernel/dmesg.txt': line('14') })).toEqual([['stall', 'medium', 'possible']])
})

test('without the log nothing is known, and its silence is good', async () => {
  expect(await foundIn(rule, {})).not.toBe('clear')
  expect(
    await foundIn(rule, { 'kernel/dmesg.txt': '2026-11-20T23:00:00.000000+00:00 n kernel: fine\n' }),
  ).toBe('clear')
})
