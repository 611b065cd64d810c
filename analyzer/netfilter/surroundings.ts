import type { Address } from '../net/address.ts'
import type { SetMatch } from '../parsers/iptablesMatches.ts'
import type { Packet } from './packet.ts'

/** What rules ask for beside the packet. A question that is left out, or answered with undefined, is not known. */
export interface Surroundings {
  /** Is it an address of the node itself, as its local routing table has it? */
  readonly isLocal?: (address: Address) => boolean | undefined
  /** Is the packet in the set, whatever the match says of `!`? */
  readonly isInSet?: (match: SetMatch, packet: Packet) => boolean | undefined
}
