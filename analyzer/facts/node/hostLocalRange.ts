import { type Address, addressFromBigInt, addressToBigInt, isV4 } from '../../net/address.ts'
import { prefixContains, prefixSize } from '../../net/prefix.ts'
import type { CniRange } from '../../parsers/cniConf.ts'

/** What host-local hands out of one range. */
export interface HostLocalRange {
  readonly first: Address
  readonly last: Address
  readonly gateway: Address
  /** How many addresses. */
  readonly capacity: number
  readonly contains: (address: Address) => boolean
}

/**
 * A range as host-local fills it in (plugins/ipam/host-local/backend/allocator/range.go, Canonicalize): from the first address
 * behind the network's to the last before the broadcast's (IPv6: to the last), without the gateway, which is the first one when
 * not set. A /24 has 253. Undefined for subnets of one or two addresses, which host-local refuses.
 */
export function hostLocalRange({ subnet, first, last, gateway }: CniRange): HostLocalRange | undefined {
  const family = isV4(subnet.address) ? 'v4' : 'v6'
  const size = prefixSize(subnet)
  if (size < 4n) return undefined
  const network = addressToBigInt(subnet.address)
  const end = network + size - (family === 'v4' ? 2n : 1n)
  const from = first !== undefined && prefixContains(subnet, first) ? addressToBigInt(first) : network + 1n
  const to = last !== undefined && prefixContains(subnet, last) ? addressToBigInt(last) : end
  const own = gateway === undefined ? network + 1n : addressToBigInt(gateway)
  const contains = (address: Address) => {
    if (isV4(address) !== (family === 'v4')) return false
    const value = addressToBigInt(address)
    return value >= from && value <= to && value !== own
  }
  if (to < from) return undefined
  return {
    first: addressFromBigInt(from, family),
    last: addressFromBigInt(to, family),
    gateway: addressFromBigInt(own, family),
    capacity: Number(to - from + 1n) - (own >= from && own <= to ? 1 : 0),
    contains,
  }
}
