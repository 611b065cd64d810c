import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { type Prefix, formatPrefix, prefixOf } from '../../net/prefix.ts'
import { captured } from '../../sources/captured.ts'
import { kubeApi } from '../cluster/kubeApi.ts'
import { interfaces } from './interfaces.ts'
import { kubeNodeOf } from './nodeAddresses.ts'

/** A network and the line that tells it. */
export interface CitedPrefix {
  readonly prefix: Prefix
  readonly origin: Evidence
}

/** Bridges to which plugins attach pods with addresses of one network; their own address is the pods' gateway. */
const POD_BRIDGES = new Set(['cni0', 'cbr0', 'kube-bridge', 'weave'])

/**
 * The networks that the pods of this node have addresses from, each told once: flannel's subnet.env, the API server's podCIDR,
 * the CNI configuration of host-local, the address of the pod bridge. Empty where nothing tells (Calico hands out blocks).
 */
export const podNetworks = defineNodeFact({
  name: 'pod networks of the node',
  needs: {},
  wants: {
    flannel: captured.flannelSubnetEnv,
    kubeNodes: kubeApi.nodes,
    cniConfs: captured.cniConf,
    interfaces,
  },
  compute({ flannel, kubeNodes, cniConfs, interfaces }, node): Availability<readonly CitedPrefix[]> {
    const networks: CitedPrefix[] = []
    for (const subnet of [flannel?.value.subnet, flannel?.value.ipv6Subnet]) {
      if (flannel && subnet) networks.push({ prefix: subnet.value, origin: flannel.cite(subnet.line) })
    }
    const kubeNode = kubeNodeOf(node, kubeNodes)
    for (const prefix of kubeNode?.podCidrs ?? []) {
      if (kubeNodes && kubeNode) networks.push({ prefix, origin: kubeNodes.cite(kubeNode.line) })
    }
    for (const conf of cniConfs ?? []) {
      const { plugins, line } = conf.value
      if (line === undefined) continue
      const subnets = plugins.flatMap(({ ipam }) => (ipam?.type === 'host-local' ? ipam.subnets : []))
      for (const prefix of subnets) networks.push({ prefix, origin: conf.cite(line) })
    }
    for (const bridge of interfaces ?? []) {
      if (!POD_BRIDGES.has(bridge.name)) continue
      for (const { address, prefixLength, scope, origin } of bridge.addresses) {
        if (scope === 'global') networks.push({ prefix: prefixOf(address, prefixLength), origin })
      }
    }
    const told = new Map(networks.toReversed().map((network) => [formatPrefix(network.prefix), network]))
    return available([...told.values()].toReversed())
  },
})
