import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/routing/sysctl-bridge-nf-off.ts'
import { checkRule, soundFiles } from '../../support/checkRule.ts'

const VALUES = 'sysctl/values.txt'
const KEY = /^net\.bridge\.bridge-nf-call-iptables = .*\n/gm
const set = (value: string) => (before: string) =>
  `${before.replaceAll(KEY, '')}net.bridge.bridge-nf-call-iptables = ${value}\n`

test('off with pods on a bridge; on is well', async () => {
  expect(await checkRule(rule, soundFiles('host-gw', { [VALUES]: set('0') }))).toMatchObject({
    state: 'found',
    findings: [{ subject: 'cni0', severity: 'high' }],
  })
  expect(await checkRule(rule, soundFiles('host-gw', { [VALUES]: set('1') }))).toMatchObject({
    state: 'clear',
  })
})

test('no key below net.bridge at all: the module is not loaded', async () => {
  const files = soundFiles('host-gw', { [VALUES]: (before) => before.replaceAll(/^net\.bridge\..*\n/gm, '') })
  const result = await checkRule(rule, files)
  expect(result).toMatchObject({ state: 'found' })
  expect(result.state === 'found' && result.findings[0]?.evidence[0]).toMatchObject({ path: VALUES, line: 0 })
})

const other = (before: string) =>
  `${before.replaceAll(/^net\.bridge\..*\n/gm, '')}net.bridge.bridge-nf-filter-vlan-tagged = 0\n`

const none = (before: string) => before.replaceAll(/^net\.bridge\..*\n/gm, '')

test('other keys of the module without this one prove nothing, nor do settings that are cut off', async () => {
  expect(await checkRule(rule, soundFiles('host-gw', { [VALUES]: other }))).toMatchObject({
    state: 'unchecked',
  })
  expect(
    await checkRule(rule, soundFiles('host-gw', { [VALUES]: none }), { [VALUES]: 'truncated' }),
  ).toMatchObject({ state: 'unchecked' })
})

test('a node without pods on a bridge has no use for it', async () => {
  const loopback = '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN\n'
  expect(
    await checkRule(rule, {
      'node-1': { 'net/ip-addr.txt': loopback, [VALUES]: 'net.ipv4.ip_forward = 1\n' },
    }),
  ).toMatchObject({ state: 'not-applicable' })
})
