import type { Line } from '../text/line.ts'
import type { Certainty } from './certainty.ts'
import type { Packet } from './packet.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * What becomes of a packet: `translate`, its addresses are changed (DNAT, SNAT, MASQUERADE, REDIRECT, NETMAP), which ends the walk
 * through a nat chain; `return`, a chain without a policy came to its end; `unknown`, a target that is not known.
 */
export type ChainVerdict = 'accept' | 'drop' | 'reject' | 'queue' | 'translate' | 'return' | 'unknown'

/** A change of the packet's mark: zeroes the bits of the mask, toggles those of the value. */
export interface MarkChange {
  readonly value: number
  readonly mask: number
}

/** What a rule does with a packet that it takes. */
export type Act =
  | { readonly kind: 'verdict'; readonly verdict: ChainVerdict }
  /** Into another chain, and back behind the rule, or (goto) to where its own chain was called from. */
  | { readonly kind: 'call'; readonly chain: string; readonly returns: boolean }
  | { readonly kind: 'return' }
  /** The next rule comes. A target that is not known may do anything before. */
  | { readonly kind: 'continue' }
  | { readonly kind: 'unknown' }

/** One way through a rule. A rule of iptables has one; one with a verdict map has one for each element. */
export interface Branch {
  readonly when: Certainty
  /** `unknown`: to what no dump shows. */
  readonly mark?: MarkChange | 'unknown'
  readonly act: Act
}

/** A rule as a packet meets it, whichever tool printed it. */
export interface ChainRule {
  /** As printed: behind `-A CHAIN ` of iptables, without the handle of nft. */
  readonly text: string
  /** Where its first copy stands. */
  readonly line: Line
  /** Packets that it took, over all copies; 0 where they were not counted. */
  readonly packets: number
  /** What it answers, where it rejects (else undefined), in the words of iptables: `icmp-host-prohibited`, `tcp-reset`. */
  readonly answer: string | undefined
  /** The ways through the rule in the order they are tried; where one holds, those behind it do not come. */
  readonly branches: (packet: Packet, around: Surroundings) => readonly Branch[]
}

/** A chain of rules. */
export interface RuleChain {
  readonly name: string
  /** Of a base chain. */
  readonly policy?: ChainVerdict
  /** Packets that the policy decided; left out where they are not counted. */
  readonly policyPackets?: number
  /** Where it begins. */
  readonly line: Line
  readonly rules: readonly ChainRule[]
}

/** The chains that can call each other: those of one table. */
export interface RuleChains {
  /** As printed: `filter`, `inet firewalld`. */
  readonly table: string
  readonly names: readonly string[]
  readonly chain: (name: string) => RuleChain | undefined
}
