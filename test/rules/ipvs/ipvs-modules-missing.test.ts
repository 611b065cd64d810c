import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/ipvs/ipvs-modules-missing.ts'
import { fixture } from '../../support/fixture.ts'
import { textNode } from '../../support/textCluster.ts'

const LINE =
  "E0626 17:19:43.491383       1 server_others.go:127] Can't use the IPVS proxier: IPVS proxier will not be used because the following required kernel modules are not loaded: [ip_vs_rr ip_vs_wrr]\n"
const IPTABLES = { 'netfilter/iptables-save.txt': fixture('iptables-save/kube-proxy.txt') }

test('the log alone is likely; with the list of modules it is certain', async () => {
  const files = { ...IPTABLES, 'journal/kube-proxy.txt': LINE }
  expect(rule.check(await textNode(files), 'en')).toMatchObject({ findings: [{ confidence: 'likely' }] })
  const listed = { ...files, 'meta/modules.txt': 'ip_vs 237568 0 - Live 0x0000000000000000\n' }
  expect(rule.check(await textNode(listed), 'en')).toMatchObject({ findings: [{ confidence: 'certain' }] })
})

test('modules that were loaded since leave the log alone to tell', async () => {
  const loaded = 'ip_vs_rr 16384 1 - Live 0x0000000000000000\nip_vs_wrr 16384 1 - Live 0x0000000000000000\n'
  const files = { ...IPTABLES, 'journal/kube-proxy.txt': LINE, 'meta/modules.txt': loaded }
  expect(rule.check(await textNode(files), 'en')).toMatchObject({ findings: [{ confidence: 'likely' }] })
})

test('without a log it is unchecked', async () => {
  expect(rule.check(await textNode(IPTABLES), 'en')).toMatchObject({ state: 'short' })
})
