import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineClusterFact, eachNode, valueOfNode } from '../../engine/fact.ts'
import type { Mac } from '../../net/mac.ts'
import { type NodeInterface, interfaces } from '../node/interfaces.ts'
import { linkKin } from '../node/linkKin.ts'
import { type PeerEntry, peerEntries, setEntries } from '../node/peerEntries.ts'
import { type AddressOwner, addressOwners } from './addressOwners.ts'
import { capturedAt } from './capturedAt.ts'
import { isFarApart } from './farApart.ts'
import { type MacOwner, macOwners } from './macOwners.ts'
import { movableAddresses } from './movableAddresses.ts'
import { routerMacs } from './routerMacs.ts'

/** A neighbour entry that was set by hand, with a hardware address that the node which has the address does not bear. */
export interface WronglySetEntry {
  /** Id of the bundle that holds the entry. */
  readonly node: string
  readonly entry: PeerEntry
  readonly owner: AddressOwner
  /** The owner’s interface that has the address; left out where only the inventory knows the owner. */
  readonly right?: NodeInterface
  /** Another node that bears the hardware address. */
  readonly bearer?: MacOwner
  /** An entry by which one of the two learned the other’s hardware address: they are on one link, and no router between them; left out with `right`. */
  readonly link?: Evidence
  /** The two were captured more than ten minutes apart: the owner’s card may have been replaced in between. */
  readonly isFarApart: boolean
}

/**
 * Left out are hardware addresses of any interface of the owner, those that answer for others or that anybody learned of a machine that
 * is no node (a router, a firewall), those that were set for several machines, as for a gateway that is the same everywhere (EVPN), and
 * addresses that move, or that several nodes have; and nodes of which nothing proves that they are on one link.
 */
export const wronglySetEntries = defineClusterFact({
  name: 'neighbour entries set to a hardware address that is not the peer’s',
  needs: {
    set: eachNode(setEntries),
    learned: eachNode(peerEntries),
    interfaces: eachNode(interfaces),
    owners: addressOwners,
    macs: macOwners,
    movable: movableAddresses,
    routers: routerMacs,
    timeOf: capturedAt,
  },
  compute({
    set,
    learned,
    interfaces,
    owners,
    macs,
    movable,
    routers,
    timeOf,
  }): Availability<readonly WronglySetEntry[]> {
    const strangers = new Set(learned.flatMap(({ value }) => value.map(({ mac }) => mac)))
    for (const mac of macs.keys()) strangers.delete(mac)
    const holdersOf = new Map<Mac, Set<string>>()
    for (const { mac, address } of set.flatMap(({ value }) => value)) {
      const holder = owners.get(address)?.[0]?.node ?? address
      holdersOf.set(mac, (holdersOf.get(mac) ?? new Set()).add(holder))
    }
    const isAmbiguous = ({ mac, address }: PeerEntry) =>
      routers.has(mac) || strangers.has(mac) || holdersOf.get(mac)?.size !== 1 || movable.has(address)
    const learnedOn = (node: string, device: string, theirs: readonly Mac[]) =>
      valueOfNode(learned, node)?.find((each) => each.device === device && theirs.includes(each.mac))

    return available(
      set.flatMap(({ node, value }) =>
        value.flatMap((entry): WronglySetEntry[] => {
          const [owner, ...others] = owners.get(entry.address) ?? []
          if (owner === undefined || others.length > 0 || owner.node === node.id || isAmbiguous(entry))
            return []
          const bearer = macs.get(entry.mac)?.find((known) => known.node !== owner.node)
          const said = { node: node.id, entry, owner, ...(bearer && { bearer }) }
          if (!owner.present) {
            const isOther = owner.macs !== undefined && !owner.macs.includes(entry.mac)
            return isOther ? [{ ...said, isFarApart: false }] : []
          }
          const devices = valueOfNode(interfaces, owner.node) ?? []
          const right = devices.find(({ name }) => name === owner.device)
          if (right?.mac === undefined || right.kind === 'dummy') return []
          if (devices.flatMap(macsOf).includes(entry.mac)) return []
          const own = valueOfNode(interfaces, node.id) ?? []
          const link = (
            learnedOn(node.id, entry.device, macsOnLink(devices, right.name)) ??
            learnedOn(owner.node, right.name, macsOnLink(own, entry.device))
          )?.origin
          if (link === undefined) return []
          const times = [node.id, owner.node].flatMap((id) => timeOf.get(id) ?? [])
          return [{ ...said, right, link, isFarApart: isFarApart(times) }]
        }),
      ),
    )
  },
})

function macsOnLink(devices: readonly NodeInterface[], device: string): Mac[] {
  const kin = linkKin(devices, device)
  return devices.filter(({ name }) => kin.has(name)).flatMap(macsOf)
}

/** Every hardware address that an interface answers with. */
function macsOf({ mac, permanentMac, bondSlave }: NodeInterface): Mac[] {
  return [mac, permanentMac, bondSlave?.permanentMac].filter((known) => known !== undefined)
}
