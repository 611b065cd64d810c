import { describe, expect, test } from 'vitest'
import rule from '../../../analyzer/rules/services/service-endpoint-divergence-across-nodes.ts'
import { text } from '../../../analyzer/rules/services/service-endpoint-divergence-across-nodes.text.ts'
import { fixture } from '../../support/fixture.ts'
import { textCluster } from '../../support/textCluster.ts'

const DUMP = fixture('iptables-save/kube-proxy.txt')
/** Another pod behind default/one. */
const OTHER = DUMP.replaceAll('10.244.3.3:9000', '10.244.3.9:9000')

async function judged(dumps: readonly string[], startedUtc: readonly number[] = []) {
  const nodes = dumps.map((dump, index) => [
    `node-${index + 1}`,
    {
      'netfilter/iptables-save.txt': dump,
      'meta/node.txt': `started_utc=${startedUtc[index] ?? 1_795_219_245}\n`,
    },
  ])
  const cluster = await textCluster(Object.fromEntries(nodes))
  return cluster.nodes.map((node) => rule.check(node, 'en'))
}

describe('service-endpoint-divergence-across-nodes', () => {
  test('one node has nobody to differ from', async () => {
    expect(await judged([DUMP])).toMatchObject([{ state: 'not-applicable' }])
  })

  test('three nodes that agree', async () => {
    expect(await judged([DUMP, DUMP, DUMP])).toMatchObject([
      { state: 'clear' },
      { state: 'clear' },
      { state: 'clear' },
    ])
  })

  test('one of three has other endpoints, and nothing proves it: possible, told of no other node', async () => {
    const [first, second] = await judged([DUMP, OTHER, DUMP])
    expect(first).toMatchObject({ state: 'clear' })
    expect(second).toMatchObject({
      state: 'found',
      findings: [{ confidence: 'possible', severity: 'medium' }],
    })
  })

  test('two minutes lie between the captures: it may be a rollout', async () => {
    const times = [1_795_219_245, 1_795_219_245 + 120]
    expect(await judged([DUMP, OTHER], times)).toMatchObject([{ state: 'unchecked' }, { state: 'unchecked' }])
  })
})

test('says in both languages what a node lacks', () => {
  const service = {
    address: '10.96.10.11:9000/tcp',
    name: 'default/one',
    state: 'absent',
    extra: [],
    missing: [],
  } as const
  const data = {
    kind: 'proven',
    node: 'node-2',
    services: [service],
    more: 0,
    proofs: ['majority'],
    peers: ['node-1'],
  } as const
  expect(text.en.summary(data)).toContain('does not know default/one')
  expect(text.zh?.summary(data)).toContain('没有 default/one')
})
