import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/runtime/swap-enabled.ts'
import { foundIn } from '../../support/foundIn.ts'

const line = (day: string) =>
  `2026-11-${day}T23:00:00.000000+00:00 n kubelet[1]: running with swap on is not supported, please disable swap or set --fail-swap-on flag to false.\n`

test('what is logged now counts more than what may be history', async () => {
  expect(await foundIn(rule, { 'journal/kubelet.txt': line('20') })).toEqual([['kubelet', 'high', 'likely']])
  expect(await foundIn(rule, { 'journal/kubelet.txt': line('14') })).toEqual([
    ['kubelet', 'medium', 'possible'],
  ])
})

test('without the log nothing is known, and its silence is good', async () => {
  expect(await foundIn(rule, {})).not.toBe('clear')
  expect(
    await foundIn(rule, { 'journal/kubelet.txt': '2026-11-20T23:00:00.000000+00:00 n kubelet[1]: fine\n' }),
  ).toBe('clear')
})
