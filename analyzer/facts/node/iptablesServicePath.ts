import type { Capture } from '../../bundle/bundle.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { type IptablesMatch, type IptablesRuleSpec, parseIptablesRule } from '../../parsers/iptablesRule.ts'
import type { IptablesChain, IptablesRule, IptablesSave } from '../../parsers/iptablesTables.ts'
import { parseAddressPort } from '../../parsers/addressPort.ts'
import type { BrokenLink, ProxiedEndpoint } from './proxiedService.ts'
import { RuleEvidence } from './ruleEvidence.ts'

/** Where the packets of a Service end, and where their way breaks off. */
export interface ServicePath {
  readonly endpoints: readonly ProxiedEndpoint[]
  readonly broken: readonly BrokenLink[]
}

type Chains = ReadonlyMap<string, IptablesChain>

/** A rule that leads to another chain. */
interface Step {
  readonly chain: string
  readonly from: Evidence
}

interface Walk {
  readonly dump: Capture<IptablesSave>
  readonly nat: Chains
  readonly endpoints: Map<string, ProxiedEndpoint>
  readonly broken: BrokenLink[]
  readonly open: Step[]
}

interface ReadRule {
  readonly rule: IptablesRule
  readonly spec: IptablesRuleSpec
}

/** kube-proxy 1.20 calls the chain of a node's own endpoints XLB, since 1.24 SVL, with EXT before it. */
const SERVICE_CHAIN = /^KUBE-(?:SVC|SVL|XLB|EXT|FW)-/
const ENDPOINT_CHAIN = 'KUBE-SEP-'

/** kube-proxy prints a probability with ten places, before 1.17 with five; the kernel keeps 31 bits of it. */
const SHARE_TOLERANCE = 0.000_02

/** Is this the name of a chain that holds the packets of one port of a Service? */
export function isServiceChain(name: string): boolean {
  return SERVICE_CHAIN.test(name)
}

/**
 * Follows the packets that come from outside the node: the rules for the node's own and for pods' packets lead elsewhere. `from` is the
 * rule that leads to `start`. The chains of local endpoints may be empty: the traffic policy `Local`.
 */
export function iptablesServicePath(
  dump: Capture<IptablesSave>,
  nat: Chains,
  start: string,
  from: Evidence,
): ServicePath {
  const walk: Walk = {
    dump,
    nat,
    endpoints: new Map(),
    broken: [],
    open: [{ chain: start, from }],
  }
  const seen = new Set<string>()
  for (let step = walk.open.pop(); step !== undefined; step = walk.open.pop()) {
    if (seen.has(step.chain)) continue
    seen.add(step.chain)
    visit(walk, step)
  }
  return { endpoints: [...walk.endpoints.values()], broken: walk.broken }
}

function visit(walk: Walk, { chain: name, from }: Step): void {
  const { dump, nat, broken } = walk
  const chain = nat.get(name)
  if (chain === undefined) {
    broken.push({ kind: 'missing-chain', chain: name, lines: [from] })
    return
  }
  const rules = chain.rules.map((rule) => ({ rule, spec: parseIptablesRule(rule) }))
  if (name.startsWith(ENDPOINT_CHAIN)) {
    visitEndpoint(walk, { chain, rules, from })
    return
  }
  if (rules.length === 0 && !holdsLocalEndpoints(name)) {
    broken.push({ kind: 'empty-chain', chain: name, lines: [from, dump.cite(chain.line)] })
    return
  }
  const fault = shareFault(rules)
  if (fault) broken.push({ kind: fault.kind, chain: name, lines: [new RuleEvidence(dump, fault.at.rule)] })
  // The last rule first: what is put on top of the stack is visited first, and endpoints shall come in the order of the rules.
  for (const { rule, spec } of rules.toReversed()) {
    const target = spec.target?.name ?? ''
    if (leadsOn(name, target, spec)) walk.open.push({ chain: target, from: new RuleEvidence(dump, rule) })
  }
}

interface EndpointChain {
  readonly chain: IptablesChain
  readonly rules: readonly ReadRule[]
  readonly from: Evidence
}

function visitEndpoint({ dump, endpoints, broken }: Walk, { chain, rules, from }: EndpointChain): void {
  const translations = rules.filter(({ spec }) => spec.target?.name === 'DNAT')
  for (const { rule, spec } of translations) {
    const origin = new RuleEvidence(dump, rule)
    const to = parseAddressPort(spec.targetOptions.get('--to-destination') ?? '')
    if (to?.port === undefined) broken.push({ kind: 'unreadable', chain: chain.name, lines: [from, origin] })
    else endpoints.set(`${to.address} ${to.port}`, { address: to.address, port: to.port, origin })
  }
  if (translations.length > 0) return
  const shown = rules.at(-1)?.rule.line ?? chain.line
  broken.push({ kind: 'no-destination', chain: chain.name, lines: [from, dump.cite(shown)] })
}

/** The chains of a node's own endpoints: without any, they hold nothing, or only the rules for the node's own packets. */
function holdsLocalEndpoints(name: string): boolean {
  return name.startsWith('KUBE-SVL-') || name.startsWith('KUBE-XLB-')
}

/**
 * Of n endpoints the first gets a share of 1/n, the next 1/(n-1) of what is left, and the last all the rest. Rules for clients that
 * came before (`-m recent`) stand in front and count for nothing here. A rule that is repeated is another fault.
 */
function shareFault(
  rules: readonly ReadRule[],
): { readonly kind: 'uneven-shares' | 'lost-share'; readonly at: ReadRule } | undefined {
  const shared = rules.filter(
    ({ spec }) => spec.target?.name.startsWith(ENDPOINT_CHAIN) === true && !isForKnownClients(spec),
  )
  if (shared.some(({ rule }) => rule.copies > 1)) return undefined
  const last = shared.at(-1)
  if (last !== undefined && shareOf(last) < 1) return { kind: 'lost-share', at: last }
  const uneven = shared.find(
    (each, index) => Math.abs(shareOf(each) - 1 / (shared.length - index)) > SHARE_TOLERANCE,
  )
  return uneven && { kind: 'uneven-shares', at: uneven }
}

/** The probability of a rule; 1 where it takes all that is left. Nothing is known of a probability that cannot be read. */
function shareOf({ spec }: ReadRule): number {
  const random = spec.matches.find(({ module }) => module === 'statistic')
  return random === undefined ? 1 : Number(optionOf([random], '--probability') ?? 'none')
}

function isForKnownClients({ matches }: IptablesRuleSpec): boolean {
  return matches.some(({ module }) => module === 'recent')
}

function leadsOn(chain: string, target: string, spec: IptablesRuleSpec): boolean {
  if (target.startsWith(ENDPOINT_CHAIN)) return true
  if (!isServiceChain(target) || isForLocalSources(spec)) return false
  // KUBE-FW lists the source ranges that the load balancer admits; elsewhere a source stands for the pods of the cluster.
  return spec.source === undefined || chain.startsWith('KUBE-FW-')
}

function isForLocalSources({ matches }: IptablesRuleSpec): boolean {
  return optionOf(matches, '--src-type') === 'LOCAL'
}

/** A traffic policy `Local`: the chain is, or ends in, that of the node's own endpoints; without any it only serves local sources. */
export function usesLocalEndpoints(nat: Chains, chain: string): boolean {
  if (holdsLocalEndpoints(chain)) return true
  const specs = (nat.get(chain)?.rules ?? []).map(parseIptablesRule)
  return specs.some((spec) => {
    const target = spec.target?.name ?? ''
    if (holdsLocalEndpoints(target)) return true
    if (chain.startsWith('KUBE-FW-') && target.startsWith('KUBE-EXT-')) return usesLocalEndpoints(nat, target)
    return target.startsWith('KUBE-SVC-') && isForLocalSources(spec)
  })
}

/** The first value of an option that is not negated, among the matches of a rule. */
export function optionOf(matches: readonly IptablesMatch[], name: string): string | undefined {
  for (const { options } of matches) {
    const option = options.find((candidate) => candidate.name === name && !candidate.negated)
    if (option) return option.values[0]
  }
  return undefined
}
