import { type Availability, available } from '../../engine/availability.ts'
import { defineClusterFact, eachNode } from '../../engine/fact.ts'
import { type Address, isV4 } from '../../net/address.ts'
import { isSharedMac } from '../../net/mac.ts'
import { type AddressOfInterface, type NodeInterface, interfaces } from '../node/interfaces.ts'
import { nodeAddresses } from '../node/nodeAddresses.ts'

/**
 * Addresses that look as if they move between nodes (keepalived, kube-vip, Pacemaker): as a secondary address of an interface, with
 * a host prefix (/32, /128) beside a wider one or on a dummy device, or on a device that bears a VRRP hardware address. The address
 * that a node is registered under with the API server does not float, whatever it looks like, nor does one that is the first of its
 * network on some node's interface.
 */
export const floatingAddresses = defineClusterFact({
  name: 'floating addresses',
  needs: { interfaces: eachNode(interfaces), addresses: eachNode(nodeAddresses) },
  compute({ interfaces, addresses }): Availability<ReadonlySet<Address>> {
    const registered = new Set(
      addresses.flatMap(({ value }) =>
        value.filter((known) => known.registered).map(({ address }) => address),
      ),
    )
    const devices = interfaces.flatMap(({ value }) => value.filter(({ role }) => role === 'host'))
    const floating = new Set<Address>()
    const settled = new Set<Address>(registered)
    for (const device of devices) {
      for (const held of device.addresses) {
        if (looksFloating(device, held)) floating.add(held.address)
        else settled.add(held.address)
      }
    }
    return available(new Set([...floating].filter((address) => !settled.has(address))))
  },
})

function looksFloating(device: NodeInterface, held: AddressOfInterface): boolean {
  if (held.flags.has('secondary') || (device.mac !== undefined && isSharedMac(device.mac))) return true
  const isHostPrefix = held.prefixLength === (isV4(held.address) ? 32 : 128)
  // PureLB puts the addresses of load balancers on a dummy device of every node.
  if (isHostPrefix && device.kind === 'dummy') return true
  return isHostPrefix && device.addresses.some((other) => isWiderSibling(held, other))
}

function isWiderSibling(held: AddressOfInterface, other: AddressOfInterface): boolean {
  return (
    isV4(other.address) === isV4(held.address) &&
    other.scope !== 'link' &&
    other.prefixLength < held.prefixLength
  )
}
