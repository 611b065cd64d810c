import { type Availability, available } from '../../engine/availability.ts'
import { defineClusterFact, defineNodeFact, eachNode, valueOfNode } from '../../engine/fact.ts'
import { type Address, isV4, parseAddress } from '../../net/address.ts'
import { formatPrefix, prefixOf, prefixesOverlap } from '../../net/prefix.ts'
import { captured } from '../../sources/captured.ts'
import { type NodeInterface, interfaces } from '../node/interfaces.ts'
import { kubeNodeOf, nodeAddresses } from '../node/nodeAddresses.ts'
import type { CitedPrefix } from '../node/podNetworks.ts'
import { type Vtep, vteps } from '../node/vteps.ts'
import { kubeApi } from './kubeApi.ts'

/** A node as others need to know it, to reach its pods. */
export interface PodPeer {
  /** Id of its bundle. */
  readonly node: string
  /** Networks that its pods have addresses from, by its own devices; those that another node has as well are left out. */
  readonly networks: readonly CitedPrefix[]
  /** Those by which it can be reached: of its interfaces, of the API server, and those that flannel was told. */
  readonly addresses: ReadonlySet<Address>
  readonly vteps: readonly Vtep[]
  /** In milliseconds since 1970; left out where the bundle does not tell. */
  readonly collectedAtMs?: number
}

/** Bridges that a plugin gives a network of the node’s own; Weave’s spans all nodes. */
const NODE_BRIDGES = /^(?:cni|cbr)\d{1,3}$|^kube-bridge$/

/** Networks of pods that a node’s VXLAN devices and bridges prove to be in use, unless its own configuration says another thing. */
const networksInUse = defineNodeFact({
  name: 'pod networks in use',
  needs: { interfaces },
  wants: { flannel: captured.flannelSubnetEnv, confs: captured.cniConf, vteps },
  compute({ interfaces, flannel, confs, vteps }): Availability<readonly CitedPrefix[]> {
    const tunnelled = (vteps ?? []).flatMap(({ network }) => network ?? [])
    const told = [flannel?.value.subnet?.value, flannel?.value.ipv6Subnet?.value]
    const configured = (confs ?? []).flatMap(({ value }) =>
      value.plugins.flatMap(({ ipam }) => ipam?.subnets ?? []),
    )
    const declared = [...told, ...configured].filter((prefix) => prefix !== undefined)
    const bridged = interfaces.flatMap(bridgedNetworks).filter(({ prefix }) => {
      const kin = declared.filter(({ address }) => isV4(address) === isV4(prefix.address))
      return kin.length === 0 || kin.some((other) => prefixesOverlap(other, prefix))
    })
    const known = [...tunnelled, ...bridged].map(
      (network) => [formatPrefix(network.prefix), network] as const,
    )
    return available([...new Map(known.toReversed()).values()].toReversed())
  },
})

function bridgedNetworks({ name, flags, addresses }: NodeInterface): readonly CitedPrefix[] {
  if (!NODE_BRIDGES.test(name) || !flags.has('UP')) return []
  return addresses
    .filter(({ scope }) => scope === 'global')
    .map(({ address, prefixLength, origin }) => ({ prefix: prefixOf(address, prefixLength), origin }))
}

/** Annotations in which flannel notes by which address a node is reached (pkg/subnet/kube/annotations.go). */
const PUBLIC = ['public-ip', 'public-ip-overwrite', 'public-ipv6', 'public-ipv6-overwrite'].map(
  (key) => `flannel.alpha.coreos.com/${key}`,
)

/** The nodes of the case whose pod networks are known. */
export const podPeers = defineClusterFact({
  name: 'pod networks of each node, as its peers need them',
  needs: {
    networks: eachNode(networksInUse),
    addresses: eachNode(nodeAddresses),
    vteps: eachNode(vteps),
  },
  wants: { kubeNodes: kubeApi.nodes },
  compute({ networks, addresses, vteps, kubeNodes }): Availability<readonly PodPeer[]> {
    const holders = new Map<string, number>()
    for (const { value } of networks) {
      for (const { prefix } of value) {
        holders.set(formatPrefix(prefix), (holders.get(formatPrefix(prefix)) ?? 0) + 1)
      }
    }
    return available(
      networks.map(({ node, value }): PodPeer => {
        const annotations = kubeNodeOf(node, kubeNodes)?.annotations
        const told = PUBLIC.map((key) => parseAddress(annotations?.get(key) ?? ''))
        const own = valueOfNode(addresses, node.id)?.map(({ address }) => address) ?? []
        const collectedAtMs = Date.parse(node.bundle.collectedAt ?? '')
        return {
          node: node.id,
          networks: value.filter(({ prefix }) => holders.get(formatPrefix(prefix)) === 1),
          addresses: new Set([...own, ...told.filter((address) => address !== undefined)]),
          vteps: valueOfNode(vteps, node.id) ?? [],
          ...(Number.isNaN(collectedAtMs) ? {} : { collectedAtMs }),
        }
      }),
    )
  },
})
