import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/ipvs/ipvs-service-without-servers.ts'
import { checkRule, replacing, soundFiles } from '../../support/checkRule.ts'

const TABLE = 'ipvs/ipvsadm.txt'
const UDPLESS = replacing('  -> 10.244.3.3:9000              Masq    1      0          0         \n', '')

test('the API lists an endpoint that IPVS lacks: two captures contradict each other', async () => {
  const result = await checkRule(rule, soundFiles('ipvs', { [TABLE]: UDPLESS, 'ipvs/proc-ip-vs.txt': null }))
  expect(result).toMatchObject({ state: 'found', findings: [{ subject: 'servers', confidence: 'certain' }] })
  expect(result.state === 'found' && result.findings[0]?.summary).toContain('10.96.10.11:9000')
})

test('a Service that the API knows to have no endpoint has no server for a reason', async () => {
  expect(await checkRule(rule, soundFiles('ipvs'))).toMatchObject({ state: 'clear' })
})

test('another mode has no such table, and no table tells nothing', async () => {
  expect(await checkRule(rule, soundFiles('host-gw'))).toMatchObject({ state: 'not-applicable' })
  expect((await checkRule(rule, { 'node-1': {} })).state).toBe('short')
})
