import { type Availability, available } from '../../engine/availability.ts'
import { type OfNode, defineClusterFact, eachNode } from '../../engine/fact.ts'
import { type Address, isLinkLocal } from '../../net/address.ts'
import { isSharedMac } from '../../net/mac.ts'
import { captured } from '../../sources/captured.ts'
import { type AddressOfInterface, type NodeInterface, interfaces } from '../node/interfaces.ts'
import { floatingAddresses } from './floatingAddresses.ts'

/** A node that has an address on an interface which is in use. */
export interface AddressHolder {
  /** Id of its bundle. */
  readonly node: string
  readonly device: NodeInterface
  readonly held: AddressOfInterface
}

/** Where every guest of VirtualBox and QEMU has its first card, each in a network of its own behind the hypervisor. */
const HYPERVISOR_NAT = '10.0.2.15'

/**
 * Addresses that several nodes have on host interfaces with a link, and their holders. Left out are those that move between nodes, that
 * many have by design (loopback and dummy devices, tunnels, link-local, 10.0.2.15), and bundles taken twice from one node.
 */
export const duplicateAddresses = defineClusterFact({
  name: 'duplicate addresses',
  needs: {
    interfaces: eachNode(interfaces),
    metas: eachNode(captured.nodeMeta),
    floating: floatingAddresses,
  },
  compute({ interfaces, metas, floating }): Availability<ReadonlyMap<Address, readonly AddressHolder[]>> {
    const bootOf = new Map(metas.map(({ node, value }) => [node.id, value.value.bootId ?? node.id]))
    const holders = new Map<Address, AddressHolder[]>()
    for (const holder of interfaces.flatMap(holdersOn)) {
      const { address } = holder.held
      if (floating.has(address) || address === HYPERVISOR_NAT) continue
      const known = holders.get(address) ?? []
      holders.set(address, known)
      const isSame = known.some(
        ({ node }) => node === holder.node || bootOf.get(node) === bootOf.get(holder.node),
      )
      if (!isSame) known.push(holder)
    }
    return available(new Map([...holders].filter(([, list]) => list.length > 1)))
  },
})

function holdersOn({ node, value }: OfNode<readonly NodeInterface[]>): AddressHolder[] {
  return value
    .filter(isOnWire)
    .flatMap((device) =>
      device.addresses
        .filter(({ address, scope }) => !isLinkLocal(address) && scope !== 'link' && scope !== 'host')
        .map((held) => ({ node: node.id, device, held })),
    )
}

/** A host interface that answers ARP on a link: not a dummy, nor a tunnel (no Ethernet), nor VRRP's macvlan, nor one that is down. */
function isOnWire({ role, kind, linkType, mac, flags }: NodeInterface): boolean {
  return (
    role === 'host' &&
    kind !== 'dummy' &&
    linkType === 'ether' &&
    mac !== undefined &&
    !isSharedMac(mac) &&
    flags.has('LOWER_UP') &&
    !flags.has('NOARP')
  )
}
