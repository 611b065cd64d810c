import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/evidence/dump-truncated.ts'
import { checkRule } from '../../support/checkRule.ts'

const PATH = 'netfilter/iptables-save.txt'
const DUMP = '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j ACCEPT\nCOMMIT\n'

test('a dump that ends without COMMIT is cut, whatever its status', async () => {
  expect(await checkRule(rule, { 'node-1': { [PATH]: DUMP } })).toMatchObject({ state: 'clear' })
  expect(await checkRule(rule, { 'node-1': { [PATH]: DUMP.replace('COMMIT\n', '') } })).toMatchObject({
    state: 'found',
    findings: [{ subject: 'captures', evidence: [{ path: PATH }] }],
  })
})

test.each(['truncated', 'timeout'])('a capture of status %s is told once, not twice', async (status) => {
  const files = { 'node-1': { [PATH]: DUMP.replace('COMMIT\n', '') } }
  const result = await checkRule(rule, files, { [PATH]: status })
  expect(result.state === 'found' && result.findings.map(({ evidence }) => evidence.length)).toEqual([1])
})

test('what is denied or absent is not cut', async () => {
  for (const status of ['denied', 'absent', 'failed']) {
    const row = `-\tnet/ip-neigh.txt\t${status}\t1\t3\t0\t0\t-\tip neigh\n`
    expect(await checkRule(rule, { 'node-1': { [PATH]: DUMP } }, {}, row)).toMatchObject({ state: 'clear' })
  }
})
