import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/runtime/oom-kill.ts'
import { foundIn } from '../../support/foundIn.ts'

const line = (day: string) =>
  `2026-11-${day}T23:00:00.000000+00:00 n kernel: Out of memory: Killed process 1 (k3s-server) total-vm:1kB\n`

test('what is logged now counts more than what may be history', async () => {
  expect(await foundIn(rule, { 'kernel/dmesg.txt': line('20') })).toEqual([['node', 'high', 'likely']])
  expect(await foundIn(rule, { 'kernel/dmesg.txt': line('14') })).toEqual([['node', 'medium', 'possible']])
})

test('without the log nothing is known, and its silence is good', async () => {
  expect(await foundIn(rule, {})).not.toBe('clear')
  expect(
    await foundIn(rule, { 'kernel/dmesg.txt': '2026-11-20T23:00:00.000000+00:00 n kernel: fine\n' }),
  ).toBe('clear')
})

test('a program that is no component of the node weighs less', async () => {
  const log = 'kernel: Out of memory: Killed process 1 (java) total-vm:1kB\n'
  expect(await foundIn(rule, { 'kernel/dmesg.txt': log })).toEqual([['node', 'medium', 'likely']])
})
