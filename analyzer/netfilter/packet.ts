import type { Address } from '../net/address.ts'

/** The first packet of a connection that nobody sent: rules are asked what they would do with it. */
export interface Packet {
  /** '' where the node itself sends it; left out where it is not known. */
  readonly inDevice?: string
  /** '' where the node itself is meant; left out where it is not known. */
  readonly outDevice?: string
  /** A host's address, never a broadcast or multicast one. */
  readonly source: Address
  /** A host's address; behind DNAT the one it was changed to. */
  readonly destination: Address
  /** As iptables names it: `tcp`, `udp`, `icmp`. */
  readonly protocol: string
  readonly destinationPort: number
  /** `unknown` where the kernel has not looked yet. */
  readonly ctstate: 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED' | 'unknown'
  /** Its destination was changed by DNAT. */
  readonly isDnat: boolean
  readonly mark: PacketMark
}

/** A firewall mark of which some bits may be unknown. */
export interface PacketMark {
  readonly value: number
  /** The bits of `value` that are known. */
  readonly known: number
}

/** The mark of a packet that no rule has touched. */
export const NO_MARK: PacketMark = { value: 0, known: 0xffffffff }

/** Is `mark & mask` equal to `value`? Undefined where it hangs on bits that are not known and the known ones agree. */
export function markEquals(mark: PacketMark, value: number, mask: number): boolean | undefined {
  if (((mark.value ^ value) & mark.known & mask) !== 0) return false
  return (mask & ~mark.known) === 0 ? (value & ~mask) === 0 : undefined
}

/** Zeroes the bits of the mask and toggles those of the value: `-j MARK --set-xmark 0x4000/0x4000` (xt_mark). */
export function markedWith(mark: PacketMark, value: number, mask: number): PacketMark {
  return {
    value: ((mark.value & ~mask) ^ value) >>> 0,
    known: (mark.known | mask) >>> 0,
  }
}

/** The mark after a change of these bits that may or may not have been made. */
export function markInDoubt(mark: PacketMark, bits: number): PacketMark {
  return { value: mark.value, known: (mark.known & ~bits) >>> 0 }
}
