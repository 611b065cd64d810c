import { expect, test } from 'vitest'
import type { BrokenLink } from '../../../analyzer/facts/node/proxiedService.ts'
import serviceChainBroken from '../../../analyzer/rules/services/service-chain-broken.ts'
import { text } from '../../../analyzer/rules/services/service-chain-broken.text.ts'
import { fixture } from '../../support/fixture.ts'
import { textNode } from '../../support/textCluster.ts'

const DUMP = fixture('iptables-save/kube-proxy.txt')

async function judged(dump: string) {
  return serviceChainBroken.check(await textNode({ 'netfilter/iptables-save.txt': dump }), 'en')
}

test('a sound dump is clear, one of older words or without an end is unchecked', async () => {
  expect(await judged(DUMP)).toMatchObject({ state: 'clear' })
  expect(await judged(DUMP.replace('10.244.3.3:9000', ':0 --persistent'))).toMatchObject({
    state: 'unchecked',
  })
  expect(await judged(DUMP.slice(0, DUMP.indexOf('-A KUBE-SVC-')))).toMatchObject({ state: 'short' })
})

test('a chain that several addresses share is told once', async () => {
  const flushed = DUMP.replaceAll(/^-A KUBE-SVC-CDGGSHYLG3RE2FKL .*\n/gm, '')
  const result = await judged(flushed)
  expect(result).toMatchObject({
    state: 'found',
    findings: [
      { severity: 'high', confidence: 'certain', about: expect.arrayContaining(['service:default/web']) },
    ],
  })
})

test.each<BrokenLink['kind']>([
  'missing-chain',
  'empty-chain',
  'no-destination',
  'uneven-shares',
  'lost-share',
])('%s has words in both languages', (kind) => {
  const broken = [
    { kind, chain: 'KUBE-SVC-X', service: 'default/web', role: 'workload', addresses: ['a'] },
  ] as const
  for (const words of [text.en, text.zh]) {
    expect(words?.summary({ node: 'node-1', mode: 'iptables', broken })).toContain('KUBE-SVC-X')
  }
})
