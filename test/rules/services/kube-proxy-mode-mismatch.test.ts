import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/services/kube-proxy-mode-mismatch.ts'
import { fixture } from '../../support/fixture.ts'
import { textCluster } from '../../support/textCluster.ts'

const IPTABLES = { 'netfilter/iptables-save.txt': fixture('iptables-save/kube-proxy.txt') }
const NFTABLES = { 'netfilter/nft-ruleset.txt': fixture('nft-ruleset/kube-proxy-nftables.txt') }

async function judged(...nodes: readonly Readonly<Record<string, string>>[]) {
  const files = Object.fromEntries(nodes.map((node, index) => [`node-${index + 1}`, node]))
  return (await textCluster(files)).nodes.map((node) => rule.check(node, 'en'))
}

test('alone, alike, and apart', async () => {
  expect(await judged(IPTABLES)).toMatchObject([{ state: 'not-applicable' }])
  expect(await judged(IPTABLES, IPTABLES)).toMatchObject([{ state: 'clear' }, { state: 'clear' }])
  const shared = { state: 'found', findings: [{ subject: 'modes', nodes: ['node-1', 'node-2'] }] }
  expect(await judged(IPTABLES, NFTABLES)).toMatchObject([shared, shared])
})

test('a node whose mode is not known is not compared', async () => {
  expect(await judged(IPTABLES, IPTABLES, {})).toMatchObject([
    { state: 'clear' },
    { state: 'clear' },
    { state: 'short' },
  ])
})
