import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/runtime/netdev-leak.ts'
import { textNode } from '../../support/textCluster.ts'

const META = { 'meta/node.txt': 'started_utc=1795219245\nuptime_seconds=864000\n' }

async function found(files: Readonly<Record<string, string>>) {
  const result = rule.check(await textNode({ ...META, ...files }), 'en')
  if (result.state !== 'found') return result.state
  return result.findings.map(({ subject, severity, confidence }) => [subject, severity, confidence])
}

const lines = (seconds: readonly number[]) =>
  seconds
    .map(
      (second) =>
        `[${second}.100000] unregister_netdevice: waiting for eth0 to become free. Usage count = 1\n`,
    )
    .join('')

test('more than ten minutes is no connection that is still closing', async () => {
  expect(await found({ 'kernel/dmesg.txt': lines([863_000, 863_700]) })).toEqual([['eth0', 'high', 'likely']])
  expect(await found({ 'kernel/dmesg.txt': lines([863_000, 863_060]) })).toEqual([
    ['eth0', 'medium', 'likely'],
  ])
  expect(await found({ 'kernel/dmesg.txt': lines([1000, 9000]) })).toEqual([['eth0', 'medium', 'possible']])
  expect(await found({ 'kernel/dmesg.txt': '[1.000000] fine\n' })).toBe('clear')
  expect(await found({})).toBe('short')
})
