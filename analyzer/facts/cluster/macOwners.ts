import { type Availability, available } from '../../engine/availability.ts'
import { defineClusterFact, eachNode } from '../../engine/fact.ts'
import { type Mac, isSharedMac } from '../../net/mac.ts'
import { type NodeInterface, interfaces } from '../node/interfaces.ts'

/** An interface that bears a hardware address. */
export interface MacOwner {
  /** Id of the node's bundle. */
  readonly node: string
  readonly device: NodeInterface
}

/** Which interfaces bear each hardware address. A bond and its members, a VLAN and its parent bear one together. */
export type MacOwners = ReadonlyMap<Mac, readonly MacOwner[]>

/**
 * Hardware addresses of the host and plugin interfaces of all nodes. Left out are addresses that many share by design (Calico's
 * ee:ee:ee:ee:ee:ee, VRRP, multicast) and the host's ends of pod links, which no neighbour on the network can see.
 */
export const macOwners = defineClusterFact({
  name: 'MAC owners',
  needs: { interfaces: eachNode(interfaces) },
  compute({ interfaces }): Availability<MacOwners> {
    const owners = new Map<Mac, MacOwner[]>()
    for (const { node, value } of interfaces) {
      for (const device of value) {
        if (
          device.mac === undefined ||
          isSharedMac(device.mac) ||
          device.role === 'pod' ||
          device.role === 'ipvs'
        )
          continue
        const owner = { node: node.id, device }
        const known = owners.get(device.mac)
        if (known === undefined) owners.set(device.mac, [owner])
        else known.push(owner)
      }
    }
    return available(owners)
  },
})
