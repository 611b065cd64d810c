import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/conntrack/conntrack-invalid-rst.ts'
import { textNode } from '../../support/textCluster.ts'

const DUMP = (rules: string): string =>
  `*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-SERVICES - [0:0]\nCOMMIT\n*filter\n:FORWARD ACCEPT [0:0]\n:KUBE-FORWARD - [0:0]\n-A FORWARD -j KUBE-FORWARD\n${rules}COMMIT\n`

async function state(rules: string, liberal = 'net.netfilter.nf_conntrack_tcp_be_liberal = 0\n') {
  const node = await textNode({
    'netfilter/iptables-save.txt': DUMP(rules),
    'sysctl/values.txt': liberal,
    'conntrack/stats.txt': 'cpu=0   \tfound=0 invalid=5000 insert_failed=0\n',
  })
  return rule.check(node, 'en').state
}

test('a rule that drops all but invalid packets is not the one', async () => {
  expect(await state('-A KUBE-FORWARD -m conntrack ! --ctstate INVALID -j DROP\n')).toBe('found')
  expect(await state('-A KUBE-FORWARD -m conntrack --ctstate INVALID -j ACCEPT\n')).toBe('found')
  expect(await state('-A KUBE-FORWARD -m conntrack --ctstate INVALID,UNTRACKED -j DROP\n')).toBe('clear')
})

test('without the setting nothing is said', async () => {
  expect(await state('', 'net.ipv4.ip_forward = 1\n')).toBe('unchecked')
})

test('a node without the chain is none of its business', async () => {
  const node = await textNode({
    'netfilter/iptables-save.txt': '*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n',
    'sysctl/values.txt': 'net.netfilter.nf_conntrack_tcp_be_liberal = 0\n',
    'conntrack/stats.txt': 'cpu=0   \tinvalid=5000 insert_failed=0\n',
  })
  expect(rule.check(node, 'en').state).toBe('not-applicable')
})
