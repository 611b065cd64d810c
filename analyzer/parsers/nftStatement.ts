/** What a field of the packet is compared with. */
export interface NftValues {
  /** Name of a set of the table. */
  readonly set?: string
  /** As printed, concatenations with ` . `; empty where a set is named. */
  readonly list: readonly string[]
  /** In braces: the field is one of them. Else a list names the bits of which one is set. */
  readonly braced: boolean
}

/** An element of a verdict map that stands in the rule itself. */
export interface NftMapEntry {
  readonly key: string
  readonly verdict: NftVerdictStatement
}

/** What ends the rule: with a verdict on the packet, or with a way through the chains. */
export type NftVerdictStatement =
  | { readonly kind: 'verdict'; readonly verdict: 'accept' | 'drop' | 'queue' | 'translate' }
  | { readonly kind: 'verdict'; readonly verdict: 'reject'; readonly answer: string }
  | { readonly kind: 'call'; readonly chain: string; readonly returns: boolean }
  | { readonly kind: 'return' | 'continue' }

/** A part of a rule; the kernel takes them in their order, and leaves the rule where a match fails. */
export type NftStatement =
  | NftVerdictStatement
  /** `tcp dport { 80, 443 }`, `meta mark & 0x00004000 == 0x00004000`, `ip saddr . tcp dport @pairs`. */
  | {
      readonly kind: 'match'
      readonly fields: readonly string[]
      /** Words behind `&`, or behind the `/` of flags. */
      readonly mask?: readonly string[]
      readonly operator: NftOperator
      readonly values: NftValues
    }
  /** `ct state vmap { … }`, `ip daddr . meta l4proto . th dport vmap @service-ips`. */
  | {
      readonly kind: 'vmap'
      readonly fields: readonly string[]
      readonly map?: string
      readonly entries: readonly NftMapEntry[]
    }
  /** The packet's mark becomes `(mark & ~mask) ^ value`; left out: what is not known. */
  | { readonly kind: 'mark'; readonly change?: { readonly value: number; readonly mask: number } }
  /** A target of iptables, which nft cannot put into its own words. */
  | { readonly kind: 'target'; readonly name: string }
  /** A condition that hangs on more than the packet: rates, chance, matches of iptables; or words that make no sense here. */
  | { readonly kind: 'undecidable'; readonly words: string }

/** How a field is compared; '': equal, or of flags: any of them is set. */
export type NftOperator = '' | '==' | '!=' | '<' | '>' | '<=' | '>=' | '!'
