import { expect, test } from 'vitest'
import type { ClusterNetworks } from '../../../analyzer/facts/cluster/clusterNetworks.ts'
import { podNetworkNames } from '../../../analyzer/rules/iptables/podNetworkNames.ts'
import { prefix } from '../../support/known.ts'

function cited(text: string): ClusterNetworks['pods'][number] {
  return { prefix: prefix(text), origin: { bundle: 'node-1', path: 'x', line: 1, text } }
}

function networks(pods: readonly string[], podsOfNodes: readonly string[]): ClusterNetworks {
  return { pods: pods.map(cited), podsOfNodes: podsOfNodes.map(cited), services: [] }
}

const many = (count: number) => Array.from({ length: count }, (_, index) => `10.244.${index}.0/24`)

test('the declared network before those of single nodes, IPv4 alone', () => {
  expect(podNetworkNames(networks(['10.42.0.0/16', 'fd00::/56'], many(3)))).toEqual(['10.42.0.0/16'])
})

test('few networks of nodes one by one, many as the one around them', () => {
  expect(podNetworkNames(networks([], many(3)))).toEqual(many(3))
  expect(podNetworkNames(networks([], many(4)))).toEqual(['10.244.0.0/22'])
  expect(podNetworkNames(networks([], many(200)))).toEqual(['10.244.0.0/16'])
})

test('never a network so wide that it takes in others than pods', () => {
  const apart = [...many(9), '10.1.0.0/24']
  expect(podNetworkNames(networks([], apart))).toEqual(many(8))
})

test('none known', () => {
  expect(podNetworkNames(undefined)).toEqual([])
})
