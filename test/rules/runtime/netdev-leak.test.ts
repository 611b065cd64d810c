import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/runtime/netdev-leak.ts'
import { foundIn } from '../../support/foundIn.ts'

const lines = (seconds: readonly number[]) =>
  seconds
    .map(
      (second) =>
        `[${second}.100000] unregister_netdevice: waiting for eth0 to become free. Usage count = 1\n`,
    )
    .join('')

test('more than ten minutes is no connection that is still closing', async () => {
  expect(await foundIn(rule, { 'kernel/dmesg.txt': lines([863_000, 863_700]) })).toEqual([
    ['eth0', 'high', 'likely'],
  ])
  expect(await foundIn(rule, { 'kernel/dmesg.txt': lines([863_000, 863_060]) })).toEqual([
    ['eth0', 'medium', 'likely'],
  ])
  expect(await foundIn(rule, { 'kernel/dmesg.txt': lines([1000, 9000]) })).toEqual([
    ['eth0', 'medium', 'possible'],
  ])
  expect(await foundIn(rule, { 'kernel/dmesg.txt': '[1.000000] fine\n' })).toBe('clear')
  expect(await foundIn(rule, {})).toBe('short')
})
