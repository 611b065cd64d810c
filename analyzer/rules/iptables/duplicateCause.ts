import type { Evidence } from '../../engine/evidence.ts'
import type { IptablesProgram } from '../../facts/node/iptablesPrograms.ts'
import type { DuplicateHints } from '../../facts/node/duplicateHints.ts'
import { nftHasBareAddress, nftRulesOf } from '../../facts/node/nftRulesOf.ts'
import { hasLostPrefix } from '../../facts/node/iptablesTaints.ts'
import type { RepeatedRule } from '../../facts/node/repeatedRules.ts'
import { parseIptablesRule } from '../../parsers/iptablesRule.ts'
import type { NftRuleset } from '../../parsers/nftRuleset.ts'

/** What makes rules repeat, as far as the captures tell. */
export interface DuplicateCause {
  readonly mechanism:
    | 'check-fails' // iptables-nft 1.8.0 to 1.8.2 does not find rules whose comment is not the last match
    | 'versions-mixed' // two iptables-nft releases on both sides of 1.8.7 misread each other's networks
    | 'musl-1.8.10' // iptables 1.8.10 in Alpine images of kube-router 2.1.0 to 2.1.2
    | 'two-writers' // two programs write one rule, each in its own words
    | 'unknown'
  readonly confidence: 'certain' | 'likely'
  /** Releases that speak for it. */
  readonly versions: readonly string[]
  /** Lines beside the rules that show it. */
  readonly shownBy: readonly Evidence[]
}

/** What there is to judge by. */
export interface DuplicateClues extends DuplicateHints {
  /** The most copies first. */
  readonly rules: readonly RepeatedRule[]
  readonly programs: readonly IptablesProgram[]
}

const FIRST_NFT = 1_008_000
/** Native comments went with 1.8.3 (ccf154d7, November 2018). */
const CHECK_REPAIRED = 1_008_003
/** Short prefixes came with 1.8.7 (32325900). */
const SHORT_PREFIXES = 1_008_007
const MUSL_FAULT = 1_008_010

/** Comments of the rules that flannel and kube-router check for and add again (k3s#3117). */
const NETWORK_RULES = /flanneld (?:forward|masq)|allow traffic to (?:primary |secondary )?cluster IP range/
const ROUTER_RULES =
  /allow traffic to (?:primary |secondary )?cluster IP range|allow LOCAL (?:TCP|UDP) traffic to node ports/

/** The mechanism that fits releases, kinds of rules and log; `unknown` where none does. */
export function duplicateCause(clues: DuplicateClues): DuplicateCause {
  return mixedVersions(clues) ?? failingCheck(clues) ?? muslBuild(clues) ?? twoWriters(clues) ?? UNKNOWN
}

const UNKNOWN: DuplicateCause = { mechanism: 'unknown', confidence: 'likely', versions: [], shownBy: [] }

/** Rules with a comment and another match repeat; those with a comment alone do not, except with 1.8.0. */
function failingCheck({ rules, programs }: DuplicateClues): DuplicateCause | undefined {
  const program = programs.find(
    ({ backend, rank }) => backend !== 'legacy' && rank >= FIRST_NFT && rank < CHECK_REPAIRED,
  )
  if (program === undefined) return undefined
  const fitting = rules.find(({ spec }) => isUnfindable(spec, program.rank))
  if (fitting === undefined) return undefined
  const isCertain = fitting === rules[0] && program.backend === 'nf_tables'
  return cause('check-fails', isCertain, [program.version], [program.origin])
}

function isUnfindable(spec: string, rank: number): boolean {
  const { comment, matches } = parseIptablesRule({ spec })
  if (comment === undefined) return false
  return rank === FIRST_NFT || matches.some(({ module }) => module !== 'comment')
}

function mixedVersions(clues: DuplicateClues): DuplicateCause | undefined {
  const networkRules = clues.rules.filter(({ spec }) => NETWORK_RULES.test(spec))
  // Where other rules lead by far, the same two releases may be there without being the reason.
  const [most] = clues.rules
  if (most === undefined || networkRules[0] === undefined || networkRules[0].copies * 10 < most.copies)
    return undefined
  const releases = clues.programs.filter(({ backend, rank }) => backend === 'nf_tables' && rank >= FIRST_NFT)
  const older = releases.find(({ rank }) => rank < SHORT_PREFIXES)
  const newer = releases.find(({ rank }) => rank >= SHORT_PREFIXES)
  const cut = networkRules.filter((rule) => hasLostPrefix(rule))
  const logged = clues.missingRuleLines.slice(-1)
  const versions = [older, newer].flatMap((program) => (program ? [program.version] : []))
  const origins = [older, newer].flatMap((program) => (program ? [program.origin] : []))
  if (cut.some((rule) => nftShowsBareNetwork(rule, clues.nftRuleset)))
    return cause('versions-mixed', true, versions, [...origins, ...logged])
  if (cut.length > 0 || logged.length > 0 || (older && newer))
    return cause('versions-mixed', false, versions, [...origins, ...logged])
  return undefined
}

/** Does the kernel itself hold the network without its mask (`ip saddr 10.42.0.0 `)? */
function nftShowsBareNetwork({ spec, chain, table }: RepeatedRule, ruleset: NftRuleset | undefined): boolean {
  const { source, destination } = parseIptablesRule({ spec })
  const rules = nftRulesOf(ruleset, table, chain) ?? []
  return [source, destination].some(
    (match) => match !== undefined && nftHasBareAddress(rules, match.prefix.address),
  )
}

function muslBuild({ rules, programs, routerImages }: DuplicateClues): DuplicateCause | undefined {
  const fitting = rules.some(({ chain, spec }) => chain === 'KUBE-ROUTER-INPUT' && ROUTER_RULES.test(spec))
  if (!fitting) return undefined
  const program = programs.find(({ backend, rank }) => backend !== 'legacy' && rank === MUSL_FAULT)
  const shownBy = [...routerImages.slice(0, 1), ...(program ? [program.origin] : [])]
  return shownBy.length === 0 ? undefined : cause('musl-1.8.10', false, ['1.8.10'], shownBy)
}

function twoWriters({ rules }: DuplicateClues): DuplicateCause | undefined {
  if (rules.some(({ copies }) => copies > 2)) return undefined
  return cause(
    'two-writers',
    rules.some(({ isSpelledTwice }) => isSpelledTwice),
    [],
    [],
  )
}

function cause(
  mechanism: DuplicateCause['mechanism'],
  isCertain: boolean,
  versions: readonly string[],
  shownBy: readonly Evidence[],
): DuplicateCause {
  return { mechanism, confidence: isCertain ? 'certain' : 'likely', versions, shownBy }
}
