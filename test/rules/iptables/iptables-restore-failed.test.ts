import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/iptables/iptables-restore-failed.ts'
import { foundIn } from '../../support/foundIn.ts'

const line = (day: string) =>
  `2026-11-${day}T23:00:00.000000+00:00 n kube-proxy[1]: Failed to execute iptables-restore: exit status 1 (iptables-restore: line 5 failed\n`.repeat(
    2,
  )

test('what is logged now counts more than what may be history', async () => {
  expect(await foundIn(rule, { 'journal/kube-proxy.txt': line('20') })).toEqual([
    ['restore', 'medium', 'likely'],
  ])
  expect(await foundIn(rule, { 'journal/kube-proxy.txt': line('14') })).toEqual([
    ['restore', 'medium', 'possible'],
  ])
})

test('without the log nothing is known, and its silence is good', async () => {
  expect(await foundIn(rule, {})).not.toBe('clear')
  expect(
    await foundIn(rule, {
      'journal/kube-proxy.txt': '2026-11-20T23:00:00.000000+00:00 n kube-proxy[1]: fine\n',
    }),
  ).toBe('clear')
})
