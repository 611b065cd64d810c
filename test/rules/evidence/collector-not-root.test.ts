import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/evidence/collector-not-root.ts'
import { checkRule } from '../../support/checkRule.ts'

const DENIED = '-\tnetfilter/iptables-save.txt\tdenied\t1\t3\t0\t0\t-\tiptables-save\n'

test('an ordinary user is named by the bundle itself', async () => {
  expect(await checkRule(rule, { 'node-1': { 'meta/node.txt': 'user=ops\n' } }, {}, DENIED)).toMatchObject({
    state: 'found',
    findings: [{ confidence: 'certain' }],
  })
})

test('where the bundle does not name the user, a denied capture makes it likely', async () => {
  expect(await checkRule(rule, { 'node-1': {} }, {}, DENIED)).toMatchObject({
    state: 'found',
    findings: [{ confidence: 'likely', evidence: [{ path: 'netfilter/iptables-save.txt' }] }],
  })
  expect(await checkRule(rule, { 'node-1': {} })).toMatchObject({ state: 'clear' })
})

test('root who was denied one file is root', async () => {
  expect(await checkRule(rule, { 'node-1': { 'meta/node.txt': 'user=root\n' } }, {}, DENIED)).toMatchObject({
    state: 'clear',
  })
})
