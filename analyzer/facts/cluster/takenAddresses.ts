import { type Availability, available } from '../../engine/availability.ts'
import { defineClusterFact, eachNode } from '../../engine/fact.ts'
import type { Address } from '../../net/address.ts'
import { interfaces } from '../node/interfaces.ts'
import { type IpvsAddress, ipvsAddresses } from '../node/ipvsAddresses.ts'
import { type AddressOwner, addressOwners } from './addressOwners.ts'
import { type ApiServerAddress, apiServerAddresses } from './apiServerAddresses.ts'
import { floatingAddresses } from './floatingAddresses.ts'
import { kubeApi } from './kubeApi.ts'

/** A node whose IPVS holds an address that is somebody's. */
export interface AddressTaker {
  /** Id of its bundle. */
  readonly node: string
  readonly held: IpvsAddress
}

/** An address that a Service claims on some nodes while it belongs to a node, or to the API server. */
export interface TakenAddress {
  readonly address: Address
  readonly takers: readonly AddressTaker[]
  /** Empty where only the API server is known by it. */
  readonly owners: readonly AddressOwner[]
  readonly apiServer: readonly ApiServerAddress[]
}

/**
 * Addresses of nodes and API servers that IPVS of some node holds as a Service's. Left out are addresses that float between nodes
 * (kube-vip puts the addresses of Services on an interface), and what kube-proxy does by design: virtual services of NodePorts on
 * the node's own addresses.
 */
export const takenAddresses = defineClusterFact({
  name: 'taken addresses',
  needs: {
    ipvs: eachNode(ipvsAddresses),
    interfaces: eachNode(interfaces),
    owners: addressOwners,
    apiServers: apiServerAddresses,
    floating: floatingAddresses,
  },
  wants: { services: kubeApi.services },
  compute({
    ipvs,
    interfaces,
    owners,
    apiServers,
    floating,
    services,
  }): Availability<readonly TakenAddress[]> {
    const clusterAddresses = new Set(services?.value.flatMap((service) => service.clusterAddresses))
    const taken = new Map<Address, { readonly takers: AddressTaker[] } & TakenAddress>()
    for (const { node, value } of ipvs) {
      const devices = interfaces.find((known) => known.node === node)?.value
      const isKubeProxys = devices === undefined || devices.some(({ role }) => role === 'ipvs')
      const sawDevice = [...value.values()].some(({ local }) => local.length > 0)
      for (const [address, held] of value) {
        const ownersOf = floating.has(address) ? [] : (owners.get(address) ?? [])
        const isCluster = held.isClusterAddress || clusterAddresses.has(address)
        const servers = isCluster ? [] : apiServers.filter((known) => known.address === address)
        const isOwn = ownersOf.some((owner) => owner.node === node.id)
        // keepalived and kube-vip make virtual services too, of an address that they put on an interface.
        if (!isKubeProxys && held.external.length === 0) continue
        if (!isHeld(held, isOwn, sawDevice) || (ownersOf.length === 0 && servers.length === 0)) continue
        const entry = taken.get(address) ?? { address, takers: [], owners: ownersOf, apiServer: servers }
        taken.set(address, entry)
        entry.takers.push({ node: node.id, held })
      }
    }
    return available([...taken.values()])
  },
})

/** Where kube-ipvs0 was not captured, virtual services stand for it; on the node's own address they may be NodePorts. */
function isHeld(held: IpvsAddress, isOwn: boolean, sawDevice: boolean): boolean {
  if (held.local.length > 0) return true
  if (sawDevice) return false
  return held.external.length > 0 || (held.ports.length > 0 && !isOwn)
}
