import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available } from '../../engine/availability.ts'
import { type OfNode, defineClusterFact, eachNode } from '../../engine/fact.ts'
import type { Address } from '../../net/address.ts'
import type { Mac } from '../../net/mac.ts'
import type { Neighbour } from '../../parsers/ipNeigh.ts'
import { captured } from '../../sources/captured.ts'
import { type PeerEntry, peerEntries } from '../node/peerEntries.ts'
import { type Routes, routes } from '../node/routes.ts'
import { type AddressOwners, addressOwners } from './addressOwners.ts'
import { type MacOwners, macOwners } from './macOwners.ts'

/**
 * Hardware addresses that answer for machines which are not theirs, as meant: those of gateways that are no nodes, and those that no
 * node bears and that answer for several nodes. Cloud networks answer so for all there is (Azure with 12:34:56:78:9a:bc, Alibaba
 * with ee:ff:ff:ff:ff:ff), as does a router that proxies ARP.
 */
export const routerMacs = defineClusterFact({
  name: 'MAC addresses of routers',
  needs: { entries: eachNode(peerEntries), owners: addressOwners, macs: macOwners },
  wants: { neighbours: eachNode(captured.ipNeigh), routes: eachNode(routes) },
  compute({ entries, owners, macs, neighbours, routes }): Availability<ReadonlySet<Mac>> {
    const gateways = (routes ?? []).flatMap(({ node, value }) =>
      gatewayMacs(value, neighbours?.find((known) => known.node === node)?.value, owners),
    )
    return available(new Set([...gateways, ...ofSeveralNodes(entries, owners, macs)]))
  },
})

/** A node may be a gateway too, on the way to its pods: what answers for it is not beyond doubt. */
function gatewayMacs(
  { all }: Routes,
  neighbours: Capture<readonly Neighbour[]> | undefined,
  owners: AddressOwners,
): readonly Mac[] {
  const gateways = new Set<Address>()
  for (const { via, nexthops } of all) {
    for (const address of [via, ...nexthops.map((nexthop) => nexthop.via)]) {
      if (address !== undefined && !owners.has(address)) gateways.add(address)
    }
  }
  return (neighbours?.value ?? []).flatMap(({ address, mac }) =>
    mac !== undefined && gateways.has(address) ? [mac] : [],
  )
}

function ofSeveralNodes(
  entries: readonly OfNode<readonly PeerEntry[]>[],
  owners: AddressOwners,
  macs: MacOwners,
): readonly Mac[] {
  const answeredFor = new Map<Mac, Set<string>>()
  for (const { value } of entries) {
    for (const { address, mac } of value) {
      const owner = owners.get(address)?.[0]?.node
      if (owner === undefined || macs.has(mac)) continue
      const nodes = answeredFor.get(mac) ?? new Set()
      answeredFor.set(mac, nodes.add(owner))
    }
  }
  return [...answeredFor].filter(([, nodes]) => nodes.size > 1).map(([mac]) => mac)
}
