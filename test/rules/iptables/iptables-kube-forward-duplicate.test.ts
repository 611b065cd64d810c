import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/iptables/iptables-kube-forward-duplicate.ts'
import { textNode } from '../../support/textCluster.ts'

function filter(...rules: readonly string[]): string {
  return [
    '*filter',
    ':FORWARD ACCEPT [0:0]',
    ':KUBE-FORWARD - [0:0]',
    ...rules,
    'COMMIT',
    '*nat',
    'COMMIT',
    '',
  ].join('\n')
}

const JUMP = '-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD'
const OLDER =
  '-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD'

async function state(...rules: readonly string[]): Promise<string> {
  return rule.check(await textNode({ 'netfilter/iptables-save.txt': filter(...rules) }), 'en').state
}

test('wordings are told apart; copies, and jumps for some networks alone, are not', async () => {
  expect(await state(JUMP, OLDER)).toBe('found')
  expect(await state(JUMP, JUMP)).toBe('clear')
  expect(await state(JUMP)).toBe('clear')
  expect(await state(JUMP, '-A FORWARD -s 192.0.2.0/24 -j KUBE-FORWARD')).toBe('clear')
})
