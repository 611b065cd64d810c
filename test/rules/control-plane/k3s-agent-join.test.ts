import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/control-plane/k3s-agent-join.ts'
import { textNode } from '../../support/textCluster.ts'

/** 2026-11-21 00:27:58 UTC, a day after the boot. */
const META = 'started_utc=1795220878\nuptime_seconds=86400\n'
const PASSWORD = 'Node password rejected, duplicate hostname or contents of the file may not match'

async function outcome(unit: string, lines: readonly (readonly [time: string, message: string])[]) {
  const log = lines.map(
    ([time, message]) =>
      `2026-11-21T${time}.000000+0000 node-1 ${unit}[1]: time="2026-11-21T${time}Z" level=error msg="${message}"\n`,
  )
  const result = rule.check(
    await textNode({ 'meta/node.txt': META, [`journal/${unit}.txt`]: log.join('') || 'nothing\n' }),
    'zh',
  )
  return result.state === 'found'
    ? result.findings.map(({ subject, confidence }) => `${subject} ${confidence}`).join()
    : result.state
}

test('the password explains the lines about the connection', async () => {
  const unreachable = 'Failed to validate connection to cluster at https://192.0.2.1:6443: EOF'
  const lines = ['00:27:10', '00:27:20', '00:27:30'].flatMap((time) => [
    [time, unreachable] as const,
    [time, PASSWORD] as const,
  ])
  expect(await outcome('k3s-agent', lines)).toBe('password likely')
})

test('a log that goes on for more than ten minutes is of a node that has joined', async () => {
  expect(
    await outcome('k3s-agent', [
      ['00:10:00', PASSWORD],
      ['00:15:00', 'up'],
    ]),
  ).toBe('password possible')
  expect(
    await outcome('k3s-agent', [
      ['00:10:00', PASSWORD],
      ['00:20:01', 'up'],
    ]),
  ).toBe('clear')
})

test('a node of another kind', async () => {
  expect(await outcome('kubelet', [])).toBe('not-applicable')
})
