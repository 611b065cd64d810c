import { type IptablesRuleSpec, parseIptablesRule } from '../../parsers/iptablesRule.ts'
import type {
  IptablesChain,
  IptablesRule,
  IptablesSave,
  IptablesTable,
} from '../../parsers/iptablesTables.ts'
import type { NftRule } from '../../parsers/nftRuleList.ts'
import type { NftRuleset } from '../../parsers/nftRuleset.ts'
import type { Line } from '../../text/line.ts'
import { nftHasBareAddress, nftRulesOf } from './nftRulesOf.ts'

/** Why a table of a dump does not show what the kernel holds. */
export interface IptablesTaint {
  readonly table: string
  readonly why:
    | 'incompatible' // it holds native nftables rules: iptables prints a comment in its place
    | 'left-out' // the same, in silence (iptables 1.8.0 to 1.8.2): nft shows it
    | 'unsupported-revision' // a match or target of a newer release
    | 'match-lost' // marks and ports of a newer release are not printed: a rule seems to hold for all packets
    | 'prefix-lost' // a network of a newer release is printed as one address
    | 'native-rule' // a native nftables rule is printed without its condition, as if it held for all packets
  /** Left out where the fault is that nothing stands there. */
  readonly line?: Line
}

/** iptables-nft 1.8.8 writes marks and ports as native expressions, which releases before cannot print. */
const READS_NATIVE_MATCHES = 1_008_008
/** iptables-nft 1.8.7 writes byte-aligned prefixes in a shorter form, which releases before take for one address (32325900). */
const READS_SHORT_PREFIXES = 1_008_007

/** Who printed the dump. */
export interface DumpReader {
  readonly backend: 'nf_tables' | 'legacy' | 'unknown'
  /** Left out where nothing tells. */
  readonly version?: string
}

/** A release as a number that grows with it: `1.8.7` → 1008007. Undefined for what is no release. */
export function releaseRank(version: string): number | undefined {
  const [, major, minor, patch = '0'] = /^(\d{1,3})\.(\d{1,3})(?:\.(\d{1,3}))?/.exec(version) ?? []
  if (major === undefined || minor === undefined) return undefined
  return Number(major) * 1_000_000 + Number(minor) * 1_000 + Number(patch)
}

/**
 * The tables of a dump that cannot be believed, each with the first line that shows it. Legacy tables are always printed by
 * the kernel module that wrote them; only iptables-nft can meet what it does not understand (pairs of 1.8.2 to 1.8.11 were tried).
 */
export function iptablesTaints(
  save: IptablesSave,
  reader: DumpReader,
  ruleset: NftRuleset | undefined,
): readonly IptablesTaint[] {
  const incompatible = save.incompatibleTables.map(({ name, line }): IptablesTaint => ({
    table: name,
    why: 'incompatible',
    line,
  }))
  const printed = [...save.tables.values()].flatMap((table) => taintOf(table, reader, ruleset) ?? [])
  return [...incompatible, ...printed, ...leftOut(save, reader, ruleset)]
}

function leftOut(
  save: IptablesSave,
  { backend }: DumpReader,
  ruleset: NftRuleset | undefined,
): readonly IptablesTaint[] {
  if (backend !== 'nf_tables') return []
  const known = new Set([...save.tables.keys(), ...save.incompatibleTables.map(({ name }) => name)])
  return (ruleset?.tables ?? [])
    .filter(({ family, name }) => family === 'ip' && IPTABLES_TABLES.has(name) && !known.has(name))
    .filter(({ chains }) => chains.some(({ rules }) => rules.length > 0))
    .map(({ name }) => ({ table: name, why: 'left-out' }))
}

const IPTABLES_TABLES = new Set(['filter', 'nat', 'mangle', 'raw', 'security'])

function taintOf(
  table: IptablesTable,
  { backend, version }: DumpReader,
  ruleset: NftRuleset | undefined,
): IptablesTaint | undefined {
  const rank = version === undefined ? undefined : releaseRank(version)
  const mayBeNft = backend !== 'legacy' && rank !== undefined
  const losesMatches = mayBeNft && rank < READS_NATIVE_MATCHES
  const losesPrefixes = mayBeNft && rank < READS_SHORT_PREFIXES
  for (const chain of table.chains.values()) {
    const inKernel = nftRulesOf(ruleset, table.name, chain.name)
    for (const rule of chain.rules) {
      const why = rule.spec.includes('[unsupported revision]')
        ? 'unsupported-revision'
        : losesMatches && hasLostMatch(chain, rule) && !isBareInKernel(inKernel)
          ? 'match-lost'
          : losesPrefixes && hasLostPrefix(rule) && !isCutInKernel(rule, inKernel)
            ? 'prefix-lost'
            : isNative(rule, inKernel)
              ? 'native-rule'
              : undefined
      if (why !== undefined) return { table: table.name, why, line: rule.line }
    }
  }
  return undefined
}

/** nft shows no mark in the chain either: an older program has written back what it read, and the dump is right. */
function isBareInKernel(inKernel: readonly NftRule[] | undefined): boolean {
  return inKernel !== undefined && !inKernel.some(({ text }) => text.includes('mark'))
}

/** A rule for all packets. */
const FOR_ALL = /^(?:-m comment --comment (?:"[^"]*"|\S+) )?-j (?:ACCEPT|DROP|REJECT)(?: |$)/

/**
 * iptables-nft leaves out expressions it has no words for: `ip saddr @blocked drop` is printed as `-j DROP` (1.8.9). A rule that is
 * for all packets in the dump is for all packets in nft.
 */
function isNative({ spec }: IptablesRule, inKernel: readonly NftRule[] | undefined): boolean {
  return inKernel !== undefined && FOR_ALL.test(spec) && !inKernel.some(({ text }) => isForAll(text))
}

/** nft prints the counter of a rule of iptables; of its comment a space is left, or `xt match "comment"`. */
function isForAll(text: string): boolean {
  const words = text.replace('xt match "comment"', '').replace(/\bcounter packets \d+ bytes \d+/, '')
  return /^(?:accept|drop|reject|xt target)\b/.test(words.trim())
}

function isCutInKernel(rule: IptablesRule, inKernel: readonly NftRule[] | undefined): boolean {
  const { source, destination } = parseIptablesRule(rule)
  return [source, destination].some(
    (match) => match !== undefined && nftHasBareAddress(inKernel ?? [], match.prefix.address),
  )
}

/**
 * Is it a rule that Kubernetes never writes without a condition, and bears none
 * (pkg/kubelet/kubelet_network_linux.go, pkg/proxy/iptables/proxier.go)?
 */
export function hasLostMatch(chain: IptablesChain, rule: IptablesRule): boolean {
  if (!CONDITIONAL_CHAINS.has(chain.name)) return false
  const spec = parseIptablesRule(rule)
  if (!isBare(spec)) return false
  switch (`${chain.name} ${spec.target?.name ?? ''}`) {
    case 'KUBE-FIREWALL DROP':
    case 'KUBE-FORWARD ACCEPT':
    case 'KUBE-FORWARD DROP':
    case 'KUBE-POSTROUTING RETURN':
    case 'POSTROUTING MASQUERADE':
      return true
    case 'KUBE-POSTROUTING MASQUERADE':
      // Since 1.19 a RETURN of unmarked packets stands before it.
      return !chain.rules.some(({ spec: other }) => other.includes('-j RETURN'))
    default:
      return false
  }
}

const CONDITIONAL_CHAINS = new Set(['KUBE-FIREWALL', 'KUBE-FORWARD', 'KUBE-POSTROUTING', 'POSTROUTING'])

function isBare(spec: IptablesRuleSpec): boolean {
  const { source, destination, inInterface, outInterface, protocol, matches } = spec
  if (source || destination || inInterface || outInterface || protocol) return false
  return matches.every(({ module }) => module === 'comment')
}

/** flannel and kube-router put the whole pod or Service network here; it never is one address. */
const NETWORK_COMMENT = /flanneld (?:forward|masq)|cluster IP range/

/** Is the network of flannel, or of the Services, printed as its first address? */
export function hasLostPrefix(rule: Pick<IptablesRule, 'spec'>): boolean {
  if (!rule.spec.includes('.0/32 ') || !NETWORK_COMMENT.test(rule.spec)) return false
  const { source, destination } = parseIptablesRule(rule)
  return [source, destination].some(
    (match) => match?.prefix.length === 32 && match.prefix.address.endsWith('.0'),
  )
}
