import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/iptables/iptables-lock-contention.ts'
import { foundIn } from '../../support/foundIn.ts'

const line = (day: string) =>
  `2026-11-${day}T23:00:00.000000+00:00 n flanneld[1]: Another app is currently holding the xtables lock.\n`.repeat(
    3,
  )

test('what is logged now counts more than what may be history', async () => {
  expect(await foundIn(rule, { 'journal/flanneld.txt': line('20') })).toEqual([['lock', 'medium', 'likely']])
  expect(await foundIn(rule, { 'journal/flanneld.txt': line('14') })).toEqual([
    ['lock', 'medium', 'possible'],
  ])
})

test('without the log nothing is known, and its silence is good', async () => {
  expect(await foundIn(rule, {})).not.toBe('clear')
  expect(
    await foundIn(rule, { 'journal/flanneld.txt': '2026-11-20T23:00:00.000000+00:00 n flanneld[1]: fine\n' }),
  ).toBe('clear')
})
