import { type Address, addressToBigInt, isV4 } from './address.ts'
import type { Prefix } from './prefix.ts'

/** Values by prefix, found by longest match. */
export interface PrefixTable<T> {
  /** The values of the longest prefix that holds the address, in the order they were given; empty where none does. */
  readonly lookup: (address: Address) => readonly T[]
  /** The values of every prefix that holds the address, prefix by prefix, the longest first. */
  readonly matches: (address: Address) => Iterable<readonly T[]>
}

/** A table for longest-prefix lookups, such as the routes of one routing table. A prefix may bear several values. */
export function prefixTable<T>(entries: Iterable<readonly [Prefix, T]>): PrefixTable<T> {
  const v4 = new Map<number, Map<bigint, T[]>>()
  const v6 = new Map<number, Map<bigint, T[]>>()
  for (const [prefix, value] of entries) {
    const byLength = isV4(prefix.address) ? v4 : v6
    const byNetwork = byLength.get(prefix.length) ?? new Map<bigint, T[]>()
    byLength.set(prefix.length, byNetwork)
    const network = addressToBigInt(prefix.address) >> hostBits(prefix.address, prefix.length)
    const values = byNetwork.get(network) ?? []
    byNetwork.set(network, values)
    values.push(value)
  }
  const lengths = { v4: longestFirst(v4), v6: longestFirst(v6) }
  function* matches(address: Address): Generator<readonly T[]> {
    const number = addressToBigInt(address)
    for (const [length, byNetwork] of isV4(address) ? lengths.v4 : lengths.v6) {
      const values = byNetwork.get(number >> hostBits(address, length))
      if (values) yield values
    }
  }
  return {
    matches,
    lookup(address) {
      for (const values of matches(address)) return values
      return []
    },
  }
}

function hostBits(address: Address, length: number): bigint {
  return BigInt((isV4(address) ? 32 : 128) - length)
}

function longestFirst<V>(byLength: ReadonlyMap<number, V>): [number, V][] {
  return [...byLength].toSorted(([a], [b]) => b - a)
}
