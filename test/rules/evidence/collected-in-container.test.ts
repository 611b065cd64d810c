import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/evidence/collected-in-container.ts'
import { checkRule } from '../../support/checkRule.ts'

const LOOPBACK = '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN\n'
const far = (number: number, name: string) =>
  `${number}: ${name}@if7: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP\n    inet 10.244.1.${number}/24 scope global ${name}\n`
const NO_RULES = '*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n'

const judged = (links: string, rules = NO_RULES) =>
  checkRule(rule, {
    'node-1': { 'net/ip-addr.txt': links, 'net/ip-link.txt': links, 'netfilter/iptables-save.txt': rules },
  })

test('far ends of veth pairs and no rule: a container', async () => {
  expect(await judged(LOOPBACK + far(2, 'eth0') + far(3, 'net1'))).toMatchObject({
    state: 'found',
    findings: [{ confidence: 'likely' }],
  })
})

test('a tunnel device that every namespace has tells nothing', async () => {
  const tunnel = '4: tunl0@NONE: <NOARP> mtu 1480 qdisc noop state DOWN\n'
  expect(await judged(LOOPBACK + far(2, 'eth0') + tunnel)).toMatchObject({ state: 'found' })
})

test('one rule, one card or loopback alone: a node', async () => {
  expect(
    await judged(LOOPBACK + far(2, 'eth0'), NO_RULES.replace('COMMIT', '-A INPUT -j ACCEPT\nCOMMIT')),
  ).toMatchObject({ state: 'clear' })
  const card = '3: eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP\n'
  expect(await judged(LOOPBACK + far(2, 'eth0') + card)).toMatchObject({ state: 'clear' })
  expect(await judged(LOOPBACK)).toMatchObject({ state: 'clear' })
})

test('without the interfaces nothing is known', async () => {
  expect(await checkRule(rule, { 'node-1': { 'netfilter/iptables-save.txt': NO_RULES } })).toMatchObject({
    state: 'short',
  })
})
