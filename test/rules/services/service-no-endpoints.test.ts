import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/services/service-no-endpoints.ts'
import { checkRule, soundFiles } from '../../support/checkRule.ts'

const DUMP = 'netfilter/iptables-save.txt'
const REJECT = /^.*has no endpoints.*\n/gm

test('kube-proxy refuses a Service of some workload: medium; with ready pods behind it: high', async () => {
  const result = await checkRule(rule, soundFiles('host-gw'))
  expect(result).toMatchObject({
    state: 'found',
    findings: [{ subject: 'default/noeps', severity: 'medium', confidence: 'certain' }],
  })
  expect(result.state === 'found' && result.findings[0]?.about).toContain('service:default/noeps')
})

test('the DNS of the cluster without endpoints is critical', async () => {
  const files = soundFiles('host-gw', {
    [DUMP]: (before) => before.replaceAll('default/noeps', 'kube-system/kube-dns:dns'),
  })
  expect(await checkRule(rule, files)).toMatchObject({
    state: 'found',
    findings: [{ subject: 'kube-system/kube-dns', severity: 'critical' }],
  })
})

test('where nothing is refused all is well', async () => {
  const files = soundFiles('host-gw', { [DUMP]: (before) => before.replaceAll(REJECT, '') })
  expect(await checkRule(rule, files)).toMatchObject({ state: 'clear' })
})

test('without the rules of kube-proxy nothing is known', async () => {
  expect(await checkRule(rule, soundFiles('host-gw', { [DUMP]: null }))).toMatchObject({ state: 'short' })
})
