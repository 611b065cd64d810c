import { type Availability, available } from '../../engine/availability.ts'
import { defineClusterFact, eachNode } from '../../engine/fact.ts'
import { isLinkLocal, isV4 } from '../../net/address.ts'
import { type Prefix, formatPrefix, prefixOf } from '../../net/prefix.ts'
import { type NodeInterface, interfaces } from '../node/interfaces.ts'

/** An interface of a node on a network. */
export interface NetworkMember {
  /** Id of the bundle. */
  readonly node: string
  readonly device: NodeInterface
}

/** A network on which several nodes of the case have an interface with a link. */
export interface SharedNetwork {
  readonly prefix: Prefix
  readonly members: readonly NetworkMember[]
}

/** A network of two addresses joins one node with something else, not nodes with each other. */
const LEAST_HOST_BITS = 2

/** The networks that nodes have in common, by the addresses of their host interfaces. */
export const sharedNetworks = defineClusterFact({
  name: 'networks of several nodes',
  needs: { interfaces: eachNode(interfaces) },
  compute({ interfaces }): Availability<readonly SharedNetwork[]> {
    const networks = new Map<string, { readonly prefix: Prefix; readonly members: NetworkMember[] }>()
    for (const { node, value } of interfaces) {
      for (const device of value) {
        if (device.role !== 'host' || !device.flags.has('LOWER_UP')) continue
        // Each end of a tunnel has a link of its own with the other one (OpenVPN, WireGuard).
        if (device.flags.has('POINTOPOINT')) continue
        for (const { address, prefixLength } of device.addresses) {
          if (isLinkLocal(address) || prefixLength > (isV4(address) ? 32 : 128) - LEAST_HOST_BITS) continue
          const prefix = prefixOf(address, prefixLength)
          const network = networks.get(formatPrefix(prefix)) ?? { prefix, members: [] }
          networks.set(formatPrefix(prefix), network)
          network.members.push({ node: node.id, device })
        }
      }
    }
    const shared = [...networks.values()].filter(
      ({ members }) => new Set(members.map(({ node }) => node)).size > 1,
    )
    return available(shared)
  },
})
