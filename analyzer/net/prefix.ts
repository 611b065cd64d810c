import { type Address, addressFromBigInt, addressToBigInt, isV4, parseAddress } from './address.ts'

/** A block of addresses: the network address with its host bits zero, and how many leading bits are fixed. */
export interface Prefix {
  readonly address: Address
  readonly length: number
}

/** Every IPv4 address. */
export const ALL_V4 = prefixOf(addressFromBigInt(0n, 'v4'), 0)

/** Every IPv6 address. */
export const ALL_V6 = prefixOf(addressFromBigInt(0n, 'v6'), 0)

/**
 * Reads `10.42.0.0/16`; a bare address is a host prefix, and host bits are cut off. Undefined for anything that is no
 * address (see parseAddress) or has a length outside 0…32 or 0…128.
 */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/')
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash))
  if (!address) return undefined
  if (slash < 0) return { address, length: bitsOf(address) }
  const digits = text.slice(slash + 1)
  if (!/^(?:0|[1-9]\d{0,2})$/.test(digits) || Number(digits) > bitsOf(address)) return undefined
  return prefixOf(address, Number(digits))
}

/** The prefix of this length that holds the address; a length out of range is taken as the nearest allowed one. */
export function prefixOf(address: Address, length: number): Prefix {
  const bits = bitsOf(address)
  const fixed = Math.min(Math.max(Math.trunc(length), 0), bits)
  const hostBits = BigInt(bits - fixed)
  const network = (addressToBigInt(address) >> hostBits) << hostBits
  return { address: addressFromBigInt(network, isV4(address) ? 'v4' : 'v6'), length: fixed }
}

/** `10.42.0.0/16`; host prefixes too bear their length. */
export function formatPrefix(prefix: Prefix): string {
  return `${prefix.address}/${prefix.length}`
}

/** Does the address lie in the prefix? Never across families. */
export function prefixContains(prefix: Prefix, address: Address): boolean {
  if (isV4(prefix.address) !== isV4(address)) return false
  const hostBits = BigInt(bitsOf(address) - prefix.length)
  return addressToBigInt(prefix.address) >> hostBits === addressToBigInt(address) >> hostBits
}

/** Does the first prefix hold every address of the second? */
export function prefixCovers(outer: Prefix, inner: Prefix): boolean {
  return outer.length <= inner.length && prefixContains(outer, inner.address)
}

/** Have the two prefixes an address in common? */
export function prefixesOverlap(a: Prefix, b: Prefix): boolean {
  return prefixCovers(a, b) || prefixCovers(b, a)
}

/** How many addresses a prefix holds. */
export function prefixSize(prefix: Prefix): bigint {
  return 1n << BigInt(bitsOf(prefix.address) - prefix.length)
}

/** The smallest prefix that holds all the addresses; undefined for none, or for a mix of families. */
export function smallestCoveringPrefix(addresses: readonly Address[]): Prefix | undefined {
  const [first] = addresses
  if (first === undefined) return undefined
  let differing = 0n
  const base = addressToBigInt(first)
  for (const address of addresses) {
    if (isV4(address) !== isV4(first)) return undefined
    differing |= base ^ addressToBigInt(address)
  }
  const hostBits = differing === 0n ? 0 : differing.toString(2).length
  return prefixOf(first, bitsOf(first) - hostBits)
}

function bitsOf(address: Address): number {
  return isV4(address) ? 32 : 128
}
