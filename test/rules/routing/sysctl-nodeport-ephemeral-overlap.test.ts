import { describe, expect, test } from 'vitest'
import { nodePortRange } from '../../../analyzer/facts/cluster/nodePortRange.ts'
import {
  formatSpan,
  readPortRange,
  readReservedPorts,
  unreservedOverlap,
} from '../../../analyzer/rules/routing/portRanges.ts'
import rule from '../../../analyzer/rules/routing/sysctl-nodeport-ephemeral-overlap.ts'
import { textCluster, textNode } from '../../support/textCluster.ts'

const NODE_PORTS = { first: 30_000, last: 32_767 }

describe('port ranges', () => {
  test('the default local range begins just behind the last node port', () => {
    const local = readPortRange('32768\t60999')
    expect(local && unreservedOverlap(local, NODE_PORTS, [])).toEqual([])
  })

  test('reserved ports are taken out, whatever their order', () => {
    const reserved = readReservedPorts('31000-31999, 8080,30000,32767')
    const left = unreservedOverlap({ first: 1024, last: 65_535 }, NODE_PORTS, reserved)
    expect(left.map(formatSpan)).toEqual(['30001-30999', '32000-32766'])
  })

  test('what is no range is none', () => {
    for (const text of ['', '32768', '5 4', 'a b', '1 2 3']) expect(readPortRange(text)).toBeUndefined()
    expect(readReservedPorts('x,1-,-2')).toEqual([])
  })
})

test.each([
  ['    - --service-node-port-range=20000-22767', '20000-22767'],
  ['service-node-port-range: "20000-22767"', '20000-22767'],
  ['  - service-node-port-range=20000+767', '20000-20767'],
  ['# service-node-port-range: 20000-22767', '30000-32767'],
])('the range of node ports: %s', async (line, range) => {
  const cluster = await textCluster({ 'node-1': { 'kube/config/etc/rancher/k3s/config.yaml': `${line}\n` } })
  const answer = nodePortRange.of(cluster)
  expect(answer.available && formatSpan(answer.value)).toBe(range)
})

test('without the local range nothing is said', async () => {
  expect(rule.check(await textNode({ 'sysctl/values.txt': 'net.ipv4.ip_forward = 1\n' }), 'en').state).toBe(
    'unchecked',
  )
})
