import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/evidence/captures-far-apart.ts'
import { checkRule } from '../../support/checkRule.ts'

/** Nodes whose collectors started these seconds after the first. */
const after = (...seconds: readonly number[]) =>
  Object.fromEntries(
    seconds.map((second, index) => [
      `node-${index + 1}`,
      { 'meta/node.txt': `started_utc=${1_795_220_000 + second}\n` },
    ]),
  )

test('more than ten minutes are far, ten minutes and 59 seconds are not', async () => {
  expect(await checkRule(rule, after(0, 659))).toMatchObject({ state: 'clear' })
  expect(await checkRule(rule, after(0, 660))).toMatchObject({ state: 'found' })
})

test('the first and the last are named, whatever the order', async () => {
  expect(await checkRule(rule, after(900, 30, 0))).toMatchObject({
    state: 'found',
    findings: [
      {
        nodes: ['node-3', 'node-2', 'node-1'],
        evidence: [
          { bundle: 'node-3', note: 'the first' },
          { bundle: 'node-1', note: 'the last' },
        ],
      },
    ],
  })
})

test('one bundle, or times that nobody tells, cannot be far apart', async () => {
  expect(await checkRule(rule, after(0))).toMatchObject({ state: 'not-applicable' })
  expect(await checkRule(rule, { 'node-1': {}, 'node-2': {} })).toMatchObject({ state: 'not-applicable' })
})
