import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/cni/calico-blackhole-overlap.ts'
import { textNode } from '../../support/textCluster.ts'

test('a blackhole for the node’s own block is how Calico works', async () => {
  const node = await textNode({
    'net/ip-addr.txt': '',
    'net/ip-route.txt': 'blackhole 10.42.5.128/26 proto bird \n10.42.5.131 dev cali1a2b3c4d5e6 scope link \n',
  })
  expect(rule.check(node, 'en').state).toBe('clear')
})

test('a node that announces no block owns none', async () => {
  const node = await textNode({ 'net/ip-addr.txt': '', 'net/ip-route.txt': 'blackhole 10.9.0.0/16 \n' })
  expect(rule.check(node, 'en').state).toBe('not-applicable')
})
