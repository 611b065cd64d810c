import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/certificates/certificate-expired.ts'
import { severityOfRefusal } from '../../../analyzer/rules/certificates/lifetimeFault.ts'
import { checkRule, soundFiles } from '../../support/checkRule.ts'

/** The leaf certificates of the base end at 2027-11-21 00:26:20 UTC. */
const END_SECONDS = Date.UTC(2027, 10, 21, 0, 26, 20) / 1000
const at = (seconds: number, journal = '') =>
  soundFiles('kubernetes-1.20', {
    'meta/node.txt': `started_utc=${seconds}\nuptime_seconds=86400\n`,
    'journal/kubelet.txt': journal,
  })

test('a certificate ends by the node’s own clock', async () => {
  expect(await checkRule(rule, at(END_SECONDS - 60))).toMatchObject({ state: 'clear' })
  expect(await checkRule(rule, at(END_SECONDS + 60))).toMatchObject({
    state: 'found',
    findings: [{ subject: '', severity: 'critical', confidence: 'certain' }],
  })
})

test('a line of Go before 1.15, which names no time, is a hint alone', async () => {
  const line =
    'E1121 00:27:30.000000   25505 reflector.go:138] Failed to watch *v1.Service: Get "https://192.168.50.11:6443/api/v1/services": x509: certificate has expired or is not yet valid\n'
  /** 2026-11-21 00:27:58 UTC. */
  expect(await checkRule(rule, at(1_795_220_878, line))).toMatchObject({
    state: 'found',
    findings: [{ subject: 'logged', severity: 'high', confidence: 'possible' }],
  })
})

test('without certificates and without a log nothing is known', async () => {
  expect(await checkRule(rule, { 'node-1': {} })).toMatchObject({ state: 'unchecked' })
})

test.each([
  ['ca', '/etc/kubernetes/pki/ca.crt', 'critical'],
  ['kubelet-serving', '/var/lib/kubelet/pki/kubelet.crt', 'low'],
  ['kubelet-serving', '/var/lib/kubelet/pki/kubelet-server-current.pem', 'high'],
  ['other', '/etc/kubernetes/pki/apiserver-kubelet-client.crt', 'high'],
  ['other', '/etc/kubernetes/pki/sa.crt', 'medium'],
] as const)('a %s at %s is %s when it is refused', (role, path, severity) => {
  expect(severityOfRefusal({ role, path, distribution: 'kubeadm' })).toBe(severity)
})
