import { expect, test } from 'vitest'
import { calicoBlockUse } from '../../../analyzer/facts/node/calicoBlockUse.ts'
import { textNode } from '../../support/textCluster.ts'

const pod = (name: string, podIP: string, phase: string) => ({
  metadata: { name, namespace: 'default' },
  spec: { nodeName: 'node-1', containers: [] },
  status: { phase, podIP },
})

test('routes to single addresses and the API’s pods are in use, each once', async () => {
  const node = await textNode({
    'net/ip-route.txt': [
      'blackhole 10.245.1.128/26 proto bird ',
      'blackhole 10.245.7.0/28 proto bird ',
      '10.245.1.129 dev cali5c0de000001 scope link ',
      '10.245.1.130 via 192.168.50.12 dev eth0 proto bird ',
      '10.245.9.1 dev cali5c0de000002 scope link ',
      '',
    ].join('\n'),
    'kube/api/pods.json': JSON.stringify({
      items: [
        pod('same', '10.245.1.129', 'Running'),
        pod('more', '10.245.7.4', 'Running'),
        pod('done', '10.245.7.5', 'Succeeded'),
      ],
    }),
  })
  const answer = calicoBlockUse.of(node)
  const use = answer.available ? answer.value : undefined
  expect(use?.capacity).toBe(64 + 16)
  expect([...(use?.used ?? [])]).toEqual(['10.245.1.129', '10.245.1.130', '10.245.7.4'])
  expect(use?.pods.length).toBe(1)
})
