import { type Availability, available } from '../../engine/availability.ts'
import { type OfNode, defineClusterFact, eachNode, valueOfNode } from '../../engine/fact.ts'
import type { Address } from '../../net/address.ts'
import type { Mac } from '../../net/mac.ts'
import { type NodeInterface, interfaces } from '../node/interfaces.ts'
import { linkKin } from '../node/linkKin.ts'
import { type PeerEntry, peerEntries } from '../node/peerEntries.ts'
import { sysctl } from '../node/sysctl.ts'
import { type AddressOwner, addressOwners } from './addressOwners.ts'
import { type MacOwners, macOwners } from './macOwners.ts'
import { movableAddresses } from './movableAddresses.ts'
import { routerMacs } from './routerMacs.ts'

/** A node's fresh entry for an address. */
export interface AddressWitness {
  readonly node: string
  readonly entry: PeerEntry
}

/** A node address that different machines answer for, as their peers learned. */
export interface ContestedAddress {
  readonly address: Address
  /** The node that has it, by its own bundle, or by the inventory where that names its hardware addresses. */
  readonly owner?: AddressOwner & { readonly macs: readonly Mac[] }
  /** One witness for each hardware address that is not the owner's; two at least where the owner sent no bundle. */
  readonly witnesses: readonly AddressWitness[]
}

/**
 * Node addresses for which fresh neighbour entries name a machine that does not have them, or two machines. Left out are addresses
 * that move between nodes or are a Service's, and what one machine explains: several interfaces of the owner (see
 * misdirectedEntries), a node that proxies, a router that answers for others.
 */
export const contestedAddresses = defineClusterFact({
  name: 'contested addresses',
  needs: {
    entries: eachNode(peerEntries),
    interfaces: eachNode(interfaces),
    settings: eachNode(sysctl),
    owners: addressOwners,
    macs: macOwners,
    movable: movableAddresses,
    routers: routerMacs,
  },
  compute({
    entries,
    interfaces,
    settings,
    owners,
    macs,
    movable,
    routers,
  }): Availability<readonly ContestedAddress[]> {
    const proxies = (mac: Mac): boolean =>
      (macs.get(mac) ?? []).some(
        ({ node, device }) => valueOfNode(settings, node)?.effective('proxy_arp', device.name)?.value === 1,
      )
    const contested: ContestedAddress[] = []
    for (const [address, claimants] of owners) {
      const present = claimants.filter((claimant) => claimant.present && claimant.device !== undefined)
      if (movable.has(address) || present.length > 1) continue
      const [claimant] = present
      const owner = claimant
        ? { ...claimant, macs: macsOf(valueOfNode(interfaces, claimant.node) ?? [], claimant) }
        : inInventory(claimants)
      const witnesses = witnessesOf(address, entries).filter(
        ({ entry }) =>
          !proxies(entry.mac) && !routers.has(entry.mac) && owner?.macs.includes(entry.mac) !== true,
      )
      const parties = new Set(witnesses.map(({ entry }) => machineOf(entry.mac, macs)))
      if (owner !== undefined) parties.delete(owner.node)
      if (parties.size < (owner === undefined ? 2 : 1)) continue
      contested.push({ address, witnesses, ...(owner && { owner }) })
    }
    return available(contested)
  },
})

/** The one absent node that claims the address, with the hardware addresses that the user knows it by. */
function inInventory(claimants: readonly AddressOwner[]): ContestedAddress['owner'] {
  const [claimant, ...others] = claimants
  if (claimant?.macs === undefined || others.length > 0) return undefined
  return { ...claimant, macs: claimant.macs }
}

/** The node that bears the hardware address; the hardware address itself where none is known. */
function machineOf(mac: Mac, macs: MacOwners): string {
  return macs.get(mac)?.[0]?.node ?? mac
}

/** Every hardware address that may rightly answer for an address of the owner's device. */
function macsOf(devices: readonly NodeInterface[], { device = '' }: AddressOwner): Mac[] {
  const kin = linkKin(devices, device)
  return devices
    .filter(({ name }) => kin.has(name))
    .flatMap(({ mac, permanentMac, bondSlave }) => [mac, permanentMac, bondSlave?.permanentMac])
    .filter((mac) => mac !== undefined)
}

/** The first fresh entry for each hardware address. */
function witnessesOf(address: Address, entries: readonly OfNode<readonly PeerEntry[]>[]): AddressWitness[] {
  const byMac = new Map<Mac, AddressWitness>()
  for (const { node, value } of entries) {
    for (const entry of value) {
      if (entry.address !== address || !entry.isFresh || byMac.has(entry.mac)) continue
      byMac.set(entry.mac, { node: node.id, entry })
    }
  }
  return [...byMac.values()]
}
