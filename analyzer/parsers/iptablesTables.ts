import type { Line } from '../text/line.ts'
import type { RuleWords } from './caseMemory.ts'
import type { IptablesGenerator } from './iptablesGenerator.ts'

/** What a base chain does with a packet that no rule decided. */
export type IptablesPolicy = 'ACCEPT' | 'DROP' | 'QUEUE' | 'RETURN'

/** A rule and all its copies in one chain. */
export interface IptablesRule {
  /** Name of its chain. */
  readonly chain: string
  /** The words behind `-A CHAIN `, as printed; read by parseIptablesRule. */
  readonly spec: string
  /** The same words, as all rules of the case that read the same have them. */
  readonly words: RuleWords
  /** How many times the chain holds it: 1 on a sound node. */
  readonly copies: number
  /** Sum over the copies; 0 where the dump was made without `-c`. */
  readonly packets: number
  /** Sum over the copies; 0 where the dump was made without `-c`. */
  readonly bytes: number
  /** The first copy. */
  readonly line: Line
  /** The last copy; the first one's number where there is but one. */
  readonly lastLineNumber: number
}

/** A chain of a table. */
export interface IptablesChain {
  readonly name: string
  /** Only of base chains. */
  readonly policy?: IptablesPolicy
  /** Packets that the policy decided; always 0 in chains that a user made. */
  readonly packets: number
  readonly bytes: number
  /** Its `:CHAIN` line, or its first rule where it was not declared. */
  readonly line: Line
  /** In the order of evaluation; a rule that is repeated stands where its first copy stands. */
  readonly rules: readonly IptablesRule[]
}

/** A table of the dump. */
export interface IptablesTable {
  readonly name: string
  /** By name, in the order of the dump. */
  readonly chains: ReadonlyMap<string, IptablesChain>
  /** False: the dump breaks off inside this table, or is an `iptables -S` listing, which never says where it ends. */
  readonly committed: boolean
  readonly line: Line
}

/** The dump of one iptables binary. */
export interface IptablesSave {
  /** One for each header; a dump has a header for each table. */
  readonly generators: readonly IptablesGenerator[]
  /** By name. A table that comes a second time is left unread: two dumps in one file would look like repeated rules. */
  readonly tables: ReadonlyMap<string, IptablesTable>
  /** Tables that iptables-nft could not print since they hold native nftables rules: nothing is known of them. */
  readonly incompatibleTables: readonly { readonly name: string; readonly line: Line }[]
  /** What the tool complained of, and rules that it could not print (`[unsupported revision]`). */
  readonly warnings: readonly Line[]
  /** All rules of all tables, every copy counted. */
  readonly ruleCount: number
  /** Every header is followed by a table and every table is closed by COMMIT. True of an empty dump. */
  readonly complete: boolean
}
