import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/runtime/runtime-storm.ts'
import { foundIn } from '../../support/foundIn.ts'

const restarts = (minutes: readonly number[]) =>
  minutes
    .map(
      (minute) =>
        `2026-11-20T23:${String(minute).padStart(2, '0')}:00.000000+00:00 n systemd[1]: containerd.service: Scheduled restart job, restart counter is at 2.\n`,
    )
    .join('')

test('more than three restarts an hour are a storm', async () => {
  expect(await foundIn(rule, { 'journal/containerd.txt': restarts([1, 2, 3]) })).toBe('clear')
  expect(await foundIn(rule, { 'journal/containerd.txt': restarts([1, 2, 3, 4]) })).toEqual([
    ['failures', 'high', 'likely'],
  ])
})

test('history is no storm, and without a journal nothing is known', async () => {
  const old = restarts([1, 2, 3, 4]).replaceAll('11-20', '11-14')
  expect(await foundIn(rule, { 'journal/containerd.txt': old })).toBe('clear')
  expect(await foundIn(rule, {})).toBe('unchecked')
})
