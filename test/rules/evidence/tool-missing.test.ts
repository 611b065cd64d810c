import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/evidence/tool-missing.ts'
import { checkRule } from '../../support/checkRule.ts'

const row = (path: string, status: string) => `-\t${path}\t${status}\t127\t1\t0\t0\t-\ttool\n`
const judged = (rows: string) => checkRule(rule, { 'node-1': {} }, {}, rows)

test('what every node can show and this one cannot is told as one finding', async () => {
  const result = await judged(row('net/ip-addr.txt', 'absent') + row('net/ip-route.txt', 'absent'))
  expect(result).toMatchObject({ state: 'found', findings: [{ subject: 'tools', evidence: [{}, {}] }] })
})

test('tools of choice may be absent', async () => {
  const optional = ['ipvs/ipvsadm.txt', 'conntrack/list.txt', 'netfilter/nft-ruleset.txt']
  expect(await judged(optional.map((path) => row(path, 'absent')).join(''))).toMatchObject({ state: 'clear' })
})

test('a tool that failed or was denied is there', async () => {
  expect(await judged(row('net/ip-addr.txt', 'failed') + row('net/ip-rule.txt', 'denied'))).toMatchObject({
    state: 'clear',
  })
})
