import type { Address } from '../net/address.ts'

/** What rules ask for beside the packet. A question that is left out, or answered with undefined, is not known. */
export interface Surroundings {
  /** Is it an address of the node itself, as its local routing table has it? */
  readonly isLocal?: (address: Address) => boolean | undefined
  /** Is this a member of the ipset? The parts are those of the set's type: `10.0.0.1`, `tcp:80`. */
  readonly isMember?: (set: string, parts: readonly string[]) => boolean | undefined
}
