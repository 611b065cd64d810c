import { type Availability, available } from '../../engine/availability.ts'
import { defineClusterFact, eachNode, valueOfNode } from '../../engine/fact.ts'
import type { Address } from '../../net/address.ts'
import { type Prefix, prefixOf, prefixesOverlap } from '../../net/prefix.ts'
import { type NodeInterface, interfaces } from '../node/interfaces.ts'
import { linkKin } from '../node/linkKin.ts'
import { type PeerEntry, peerEntries } from '../node/peerEntries.ts'
import { type NumericSetting, type Sysctl, sysctl } from '../node/sysctl.ts'
import { addressOwners } from './addressOwners.ts'
import { macOwners } from './macOwners.ts'

/** An address that peers send to the wrong interface of the node that has it. */
export interface MisdirectedAddress {
  readonly address: Address
  /** Id of the bundle of the node that has it. */
  readonly owner: string
  /** The interface that holds it. */
  readonly right: NodeInterface
  /** The interface whose hardware address the peers learned. */
  readonly wrong: NodeInterface
  readonly observers: readonly { readonly node: string; readonly entry: PeerEntry }[]
  /** Both interfaces have an address of one network. */
  readonly shareNetwork: boolean
  /** arp_ignore of the wrong interface: 0 answers for any address of the node; left out where it was not captured. */
  readonly arpIgnore?: NumericSetting
}

type Draft = MisdirectedAddress & { readonly observers: { node: string; entry: PeerEntry }[] }

/**
 * Neighbour entries of any node that hold, for the address of another node, the hardware address of an interface of that node which
 * shares no link with the one that has the address, and does not proxy.
 */
export const misdirectedEntries = defineClusterFact({
  name: 'misdirected neighbour entries',
  needs: {
    entries: eachNode(peerEntries),
    interfaces: eachNode(interfaces),
    settings: eachNode(sysctl),
    owners: addressOwners,
    macs: macOwners,
  },
  compute({ entries, interfaces, settings, owners, macs }): Availability<readonly MisdirectedAddress[]> {
    const found = new Map<string, Draft>()
    const devicesOf = (id: string) => valueOfNode(interfaces, id) ?? []
    for (const { node, value } of entries) {
      for (const entry of value) {
        const [owner, ...others] = (owners.get(entry.address) ?? []).filter(({ present }) => present)
        if (owner?.device === undefined || others.length > 0 || owner.node === node.id) continue
        const devices = devicesOf(owner.node)
        const kin = linkKin(devices, owner.device)
        const bearers = (macs.get(entry.mac) ?? []).filter((bearer) => bearer.node === owner.node)
        const right = devices.find(({ name }) => name === owner.device)
        const wrong = bearers[0]?.device
        if (right === undefined || wrong === undefined) continue
        if (bearers.some(({ device }) => kin.has(device.name))) continue
        const sysctl = valueOfNode(settings, owner.node)
        if (sysctl?.effective('proxy_arp', wrong.name)?.value === 1) continue
        const key = `${entry.address} ${entry.mac}`
        const draft = found.get(key) ?? draftOf(entry.address, owner.node, right, wrong, sysctl)
        found.set(key, draft)
        draft.observers.push({ node: node.id, entry })
      }
    }
    return available([...found.values()])
  },
})

function draftOf(
  address: Address,
  owner: string,
  right: NodeInterface,
  wrong: NodeInterface,
  sysctl: Sysctl | undefined,
): Draft {
  const arpIgnore = sysctl?.effective('arp_ignore', wrong.name)
  return {
    address,
    owner,
    right,
    wrong,
    observers: [],
    shareNetwork: shareNetwork(right, wrong),
    ...(arpIgnore && { arpIgnore }),
  }
}

function shareNetwork(a: NodeInterface, b: NodeInterface): boolean {
  const networks = networksOf(b)
  return networksOf(a).some((one) => networks.some((other) => prefixesOverlap(one, other)))
}

function networksOf({ addresses }: NodeInterface): Prefix[] {
  return addresses
    .filter(({ scope }) => scope !== 'link')
    .map(({ address, prefixLength }) => prefixOf(address, prefixLength))
}
