import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/routing/sysctl-ip-forward-off.ts'
import { checkRule, replacing, soundFiles } from '../../support/checkRule.ts'

const VALUES = 'sysctl/values.txt'

test('the switch for all is off', async () => {
  const files = soundFiles('host-gw', {
    [VALUES]: replacing('net.ipv4.ip_forward = 1', 'net.ipv4.ip_forward = 0'),
  })
  expect(await checkRule(rule, files)).toMatchObject({
    state: 'found',
    findings: [
      {
        subject: 'ipv4',
        severity: 'critical',
        confidence: 'certain',
        about: ['node:node-1', 'sysctl:node-1/net.ipv4.ip_forward'],
      },
    ],
  })
})

test('a bridge that is down does not hide the pods on it', async () => {
  const files = soundFiles('host-gw', {
    [VALUES]: replacing('net.ipv4.ip_forward = 1', 'net.ipv4.ip_forward = 0'),
    'net/ip-addr.txt': replacing('cni0: <BROADCAST,MULTICAST,UP,LOWER_UP>', 'cni0: <BROADCAST,MULTICAST>'),
  })
  expect(await checkRule(rule, files)).toMatchObject({ state: 'found', findings: [{ subject: 'ipv4' }] })
})

test('off on the bridge of the pods alone breaks what comes in there', async () => {
  const files = soundFiles('host-gw', {
    [VALUES]: (before) =>
      `${before.replaceAll(/^net\.ipv4\.conf\.cni0\.forwarding.*\n/gm, '')}net.ipv4.conf.cni0.forwarding = 0\n`,
  })
  expect(await checkRule(rule, files)).toMatchObject({
    state: 'found',
    findings: [{ subject: 'interfaces', severity: 'high', confidence: 'likely' }],
  })
})

const without = (before: string) =>
  before.replaceAll(/^net\.ipv4\.(?:ip_forward|conf\.all\.forwarding) .*\n/gm, '')

test('settings without the key, or none, tell nothing', async () => {
  expect(await checkRule(rule, soundFiles('host-gw', { [VALUES]: without }))).toMatchObject({
    state: 'unchecked',
  })
  expect(await checkRule(rule, soundFiles('host-gw', { [VALUES]: null }))).toMatchObject({ state: 'short' })
})
