import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineClusterFact, eachNode } from '../../engine/fact.ts'
import type { ClusterScope, NodeScope } from '../../engine/scope.ts'
import type { Address } from '../../net/address.ts'
import type { Mac } from '../../net/mac.ts'
import { nodeAddresses } from '../node/nodeAddresses.ts'
import { kubeApi } from './kubeApi.ts'

/** A node that an address belongs to. */
export interface AddressOwner {
  /** Id of its bundle; where it sent none, its name. */
  readonly node: string
  /** Whether its bundle is in the case. */
  readonly present: boolean
  /** An API server runs there, as the API's labels or the inventory say. */
  readonly isControlPlane: boolean
  /** Left out where only the API server or the inventory names the address. */
  readonly device?: string
  readonly prefixLength?: number
  /** Hardware addresses of the node, where the inventory names them; of a node that sent a bundle see macOwners. */
  readonly macs?: readonly Mac[]
  /** The line that says so; left out where only the user's inventory does. */
  readonly origin?: Evidence
}

/** Which node each node address belongs to; several owners, where several claim it. */
export type AddressOwners = ReadonlyMap<Address, readonly AddressOwner[]>

/** Node addresses of the case: from the bundles, from the API server for nodes that sent none, from the inventory. */
export const addressOwners = defineClusterFact({
  name: 'address owners',
  needs: { addresses: eachNode(nodeAddresses) },
  wants: { kubeNodes: kubeApi.nodes },
  compute({ addresses, kubeNodes }, cluster): Availability<AddressOwners> {
    const owners = new Map<Address, AddressOwner[]>()
    const listed = [...(kubeNodes?.value ?? []), ...cluster.inventory]
    const servers = new Set(listed.flatMap(({ name, isControlPlane }) => (isControlPlane ? [name] : [])))
    for (const { node, value } of addresses) {
      const isControlPlane = [...servers].some((name) => isNamed(node, name))
      for (const { address, device, prefixLength, origin } of value) {
        add(owners, address, {
          node: node.id,
          present: true,
          isControlPlane,
          origin,
          ...(device === undefined ? {} : { device }),
          ...(prefixLength === undefined ? {} : { prefixLength }),
        })
      }
    }
    for (const { name, internalAddresses, externalAddresses, line } of kubeNodes?.value ?? []) {
      if (isPresent(cluster, name)) continue
      for (const address of [...internalAddresses, ...externalAddresses]) {
        add(owners, address, {
          node: name,
          present: false,
          isControlPlane: servers.has(name),
          ...(kubeNodes && { origin: kubeNodes.cite(line) }),
        })
      }
    }
    for (const { name, address } of cluster.inventory) {
      if (isPresent(cluster, name)) continue
      const rows = cluster.inventory.filter((row) => row.name === name)
      const macs = rows.flatMap(({ mac }) => mac ?? [])
      add(owners, address, {
        node: name,
        present: false,
        isControlPlane: servers.has(name),
        ...(macs.length > 0 && { macs }),
      })
    }
    return available(owners)
  },
})

function isPresent(cluster: ClusterScope, name: string): boolean {
  return cluster.nodes.some((node) => isNamed(node, name))
}

function isNamed({ bundle }: NodeScope, name: string): boolean {
  return bundle.node === name || bundle.node === name.split('.')[0]
}

function add(owners: Map<Address, AddressOwner[]>, address: Address, owner: AddressOwner): void {
  const known = owners.get(address)
  if (known === undefined) owners.set(address, [owner])
  else if (!known.some(({ node, device }) => node === owner.node && device === owner.device))
    known.push(owner)
  else if (owner.macs !== undefined) {
    const index = known.findIndex(({ node }) => node === owner.node)
    known[index] = { ...owner, ...known[index], macs: owner.macs }
  }
}
