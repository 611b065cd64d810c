import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineClusterFact, eachNode, valueOfNode } from '../../engine/fact.ts'
import { type Prefix, formatPrefix, prefixesOverlap } from '../../net/prefix.ts'
import { captured } from '../../sources/captured.ts'
import { interfaces } from '../node/interfaces.ts'
import { clusterMates } from './clusterMates.ts'
import { kubeApi } from './kubeApi.ts'

/** By what a node claims a network for its pods. */
export type PodNetworkClaim = 'flannel' | 'bridge' | 'podCidr'

/** A node that claims a network for its pods. */
export interface PodNetworkHolder {
  /** Id of its bundle; of one that is known from the API server alone, its name. */
  readonly node: string
  readonly isPresent: boolean
  readonly prefix: Prefix
  readonly origin: Evidence
}

/** A network that several nodes of one cluster claim in the same way. */
export interface SharedPodNetwork {
  readonly claim: PodNetworkClaim
  /** Two at least. */
  readonly holders: readonly PodNetworkHolder[]
}

/** Networks of pods that several nodes claim, and whether for some nodes nothing tells that they are of one cluster. */
export interface SharedPodNetworks {
  readonly shared: readonly SharedPodNetwork[]
  /** Ids of nodes that claim a network which a stranger claims as well. */
  readonly doubtful: ReadonlySet<string>
}

interface Claim extends PodNetworkHolder {
  readonly claim: PodNetworkClaim
  /** What has to be equal: a gateway address, or a network. */
  readonly key: string
}

/** Bridges whose address is the gateway of one node’s pods; Weave’s and kubenet’s neighbours span all nodes. */
const NODE_BRIDGES = /^(?:cni|cbr)\d{1,3}$|^kube-bridge$/

/**
 * Pod networks that are given to two nodes: flannel’s subnet, the gateway on the bridge, the API server’s podCIDR. Like is held against
 * like, since a podCIDR that no plugin uses may well be another node’s network. Bundles of one boot are one node.
 */
export const sharedPodNetworks = defineClusterFact({
  name: 'pod networks of several nodes',
  needs: {
    flannel: eachNode(captured.flannelSubnetEnv),
    interfaces: eachNode(interfaces),
    metas: eachNode(captured.nodeMeta),
    mates: clusterMates,
  },
  wants: { kubeNodes: kubeApi.nodes },
  compute({ flannel, interfaces, metas, mates, kubeNodes }): Availability<SharedPodNetworks> {
    const leased = flannel.flatMap(({ node, value }): Claim[] =>
      [value.value.subnet, value.value.ipv6Subnet].flatMap((subnet) => {
        if (subnet === undefined) return []
        const origin = value.cite(subnet.line)
        return [claimOf(node.id, true, 'flannel', subnet.value, formatPrefix(subnet.value), origin)]
      }),
    )
    const bridged = interfaces.flatMap(({ node, value }) =>
      value
        .filter(({ name, flags }) => NODE_BRIDGES.test(name) && flags.has('UP'))
        .flatMap(({ addresses }) => addresses.filter(({ scope }) => scope === 'global'))
        .map(({ address, prefixLength: length, origin }) => {
          const prefix = { address, length }
          return claimOf(node.id, true, 'bridge', prefix, `${address}/${length}`, origin)
        }),
    )
    const bootOf = (id: string) => valueOfNode(metas, id)?.value.bootId ?? id
    const doubtful = new Set<string>()
    const shared = [...grouped([...leased, ...bridged]).values()].flatMap((claims): SharedPodNetwork[] => {
      const [first, ...others] = claims.filter(
        ({ node }, index) => claims.findIndex((other) => bootOf(other.node) === bootOf(node)) === index,
      )
      if (first === undefined) return []
      const alike = others.filter(({ node }) => mates.of(first.node, node) === true)
      for (const { node } of others) {
        if (mates.of(first.node, node) === undefined) doubtful.add(node).add(first.node)
      }
      return alike.length === 0 ? [] : [{ claim: first.claim, holders: [first, ...alike] }]
    })
    const present = new Map(interfaces.map(({ node }) => [node.bundle.node.toLowerCase(), node.id]))
    const assigned = (kubeNodes?.value ?? []).flatMap(({ name, podCidrs, line }) =>
      podCidrs.map((prefix): PodNetworkHolder => {
        const id = present.get(name) ?? present.get(name.split('.')[0] ?? name)
        const origin = kubeNodes?.cite(line) ?? { bundle: '', path: '', line: 0, text: '' }
        return { node: id ?? name, isPresent: id !== undefined, prefix, origin }
      }),
    )
    return available({ shared: [...shared, ...overlapping(assigned)], doubtful })
  },
})

function claimOf(
  node: string,
  isPresent: boolean,
  claim: PodNetworkClaim,
  prefix: Prefix,
  key: string,
  origin: Evidence,
): Claim {
  return { node, isPresent, claim, prefix, key: `${claim} ${key}`, origin }
}

function grouped(claims: readonly Claim[]): ReadonlyMap<string, readonly Claim[]> {
  const groups = new Map<string, Claim[]>()
  for (const claim of claims) {
    const group = groups.get(claim.key) ?? []
    groups.set(claim.key, group)
    group.push(claim)
  }
  return groups
}

/** The API server assigns each node networks of its own; they may differ in size where the setting was changed. */
function overlapping(assigned: readonly PodNetworkHolder[]): readonly SharedPodNetwork[] {
  const sorted = assigned.toSorted((a, b) => a.prefix.length - b.prefix.length)
  return sorted.flatMap((holder, index): SharedPodNetwork[] => {
    const others = sorted
      .slice(index + 1)
      .filter(({ node, prefix }) => node !== holder.node && prefixesOverlap(prefix, holder.prefix))
    return others.length === 0 ? [] : [{ claim: 'podCidr', holders: [holder, ...others] }]
  })
}
