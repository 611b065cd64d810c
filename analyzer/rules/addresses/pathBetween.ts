import type { Subject } from '../../engine/verdict.ts'
import { type Address, compareAddresses } from '../../net/address.ts'

/** The way between two addresses, in either direction, as a subject that a cause and its effect share. */
export function pathBetween(a: Address, b: Address): Subject {
  return `path:${[a, b].toSorted(compareAddresses).join(' ')}`
}
