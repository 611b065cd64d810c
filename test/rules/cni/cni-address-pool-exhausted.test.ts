import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/cni/cni-address-pool-exhausted.ts'
import { checkRule } from '../../support/checkRule.ts'

/** Thirteen addresses can be given: all but the network, the gateway and the broadcast. */
const CONF =
  '{"name":"cbr0","cniVersion":"0.4.0","plugins":[{"type":"bridge","bridge":"cni0","ipam":{"type":"host-local","ranges":[[{"subnet":"10.42.1.0/28"}]]}}]}'
/** 2026-11-21 00:27:58 UTC, a day after the boot. */
const META = 'started_utc=1795220878\nuptime_seconds=86400\n'
const REFUSED =
  'E1121 00:20:01.000000     812 pod_workers.go:965] "Error syncing pod, skipping" err="failed to setup network for sandbox: plugin type=\\"bridge\\" failed (add): failed to allocate for range 0: no IP addresses available in range set: 10.42.1.1-10.42.1.14"\n'

function node(reserved: number, journal = ''): Record<string, string> {
  const hosts = Array.from({ length: reserved }, (_, index) => index + 2)
  return {
    'meta/node.txt': META,
    'cni/net.d/10-bridge.conflist': CONF,
    'journal/kubelet.txt': journal,
    ...Object.fromEntries(
      hosts.map((host) => [`cni/ipam/cbr0/10.42.1.${host}`, `${'0'.repeat(64)}\r\neth0`]),
    ),
  }
}

test('the last address is taken: certain; nine tenths: likely', async () => {
  expect(await checkRule(rule, { 'node-1': node(13) })).toMatchObject({
    state: 'found',
    findings: [{ severity: 'critical', confidence: 'certain' }],
  })
  expect(await checkRule(rule, { 'node-1': node(12) })).toMatchObject({
    state: 'found',
    findings: [{ severity: 'high', confidence: 'likely' }],
  })
  expect(await checkRule(rule, { 'node-1': node(11) })).toMatchObject({ state: 'clear' })
})

test('a refusal in the log of a pool that has room again', async () => {
  expect(await checkRule(rule, { 'node-1': node(3, REFUSED) })).toMatchObject({
    state: 'found',
    findings: [{ subject: 'cbr0:10.42.1.0/28', severity: 'high', confidence: 'likely' }],
  })
})

test('the log alone names the range', async () => {
  const files = { 'meta/node.txt': META, 'journal/kubelet.txt': REFUSED }
  expect(await checkRule(rule, { 'node-1': files })).toMatchObject({
    state: 'found',
    findings: [{ subject: 'logged', confidence: 'likely' }],
  })
})

test('neither reservations nor a log: nothing is known', async () => {
  expect(await checkRule(rule, { 'node-1': {} })).toMatchObject({ state: 'unchecked' })
})
