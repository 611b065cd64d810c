import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/evidence/node-collected-twice.ts'
import { checkRule } from '../../support/checkRule.ts'

const booted = (id: string) => ({ 'meta/node.txt': `boot_id=${id}\nmachine_id_hash=aa\n` })

test('three bundles, two of one boot: those two are named', async () => {
  const files = { 'node-1': booted('b1'), 'node-2': booted('b2'), 'node-1#2': booted('b1') }
  expect(await checkRule(rule, files)).toMatchObject({
    state: 'found',
    findings: [{ subject: 'b1', nodes: ['node-1', 'node-1#2'] }],
  })
})

test('a clone boots by itself', async () => {
  expect(await checkRule(rule, { 'node-1': booted('b1'), 'node-2': booted('b2') })).toMatchObject({
    state: 'clear',
  })
})

test('one bundle, or one that does not name its boot, is compared with nothing', async () => {
  expect(await checkRule(rule, { 'node-1': booted('b1') })).toMatchObject({ state: 'not-applicable' })
  expect(await checkRule(rule, { 'node-1': {}, 'node-2': booted('b2') })).toMatchObject({
    state: 'not-applicable',
  })
})
