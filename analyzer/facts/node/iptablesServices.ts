import type { Capture } from '../../bundle/bundle.ts'
import type { Address } from '../../net/address.ts'
import { type IptablesRuleSpec, parseIptablesRule } from '../../parsers/iptablesRule.ts'
import type { IptablesChain, IptablesRule, IptablesSave } from '../../parsers/iptablesTables.ts'
import { iptablesServicePath, isServiceChain, optionOf, usesLocalEndpoints } from './iptablesServicePath.ts'
import { hashInChainName, kubeChainHash } from './kubeChainName.ts'
import { type ProxiedService, type ServiceAddressKind, serviceAddressKey } from './proxiedService.ts'
import { RuleEvidence } from './ruleEvidence.ts'

/** A port of a Service that the cluster is known to have, for chains whose rules lost their comments. */
export interface NamedServicePort {
  readonly name: string
  readonly protocol: string
}

type Chains = ReadonlyMap<string, IptablesChain>
type Names = ReadonlyMap<string, string>

type Where = Pick<ProxiedService, 'address' | 'port' | 'protocol'>

const NO_ENDPOINTS = ' has no endpoints'
const NO_LOCAL_ENDPOINTS = ' has no local endpoints'

/** What stands behind the name in the comment of a rule in KUBE-SERVICES. */
const KINDS: readonly (readonly [suffix: string, kind: ServiceAddressKind])[] = [
  [' cluster IP', 'cluster'],
  [' external IP', 'external'],
  [' loadbalancer IP', 'loadBalancer'],
]

/**
 * The services that kube-proxy programmed into one dump, by following nat KUBE-SERVICES and KUBE-NODEPORTS → KUBE-SVC, SVL, XLB, EXT,
 * FW → KUBE-SEP → DNAT, and those that it refuses in the filter table (Kubernetes 1.8 to 1.33, pkg/proxy/iptables/proxier.go):
 * ```
 * -A KUBE-SERVICES -d 10.96.10.10/32 -p tcp -m comment --comment "default/web:http cluster IP" -m tcp --dport 80 -j KUBE-SVC-CDGGSHYLG3RE2FKL
 * -A KUBE-SVC-CDGGSHYLG3RE2FKL -m comment --comment "default/web:http -> 10.244.1.2:8080" -j KUBE-SEP-UIQK3OSOSTRHRPBX
 * -A KUBE-SEP-UIQK3OSOSTRHRPBX -p tcp -m comment --comment "default/web:http" -m tcp -j DNAT --to-destination 10.244.1.2:8080
 * ```
 * A rule without a comment is named by the hash in its chain's name, where the name is among `known` or in another comment of the dump.
 */
export function iptablesServices(
  dump: Capture<IptablesSave>,
  known: readonly NamedServicePort[],
): readonly ProxiedService[] {
  const table = dump.value.tables.get('nat')
  const nat: Chains = table?.chains ?? new Map()
  const names = namesByHash(known, nat)
  const found = new Map<string, ProxiedService>()
  for (const chain of ['KUBE-SERVICES', 'KUBE-NODEPORTS']) {
    for (const rule of nat.get(chain)?.rules ?? []) {
      const service = servedBy(dump, nat, rule, names)
      const key = service && keyOf(service)
      // An external address has up to three rules, for packets from outside, from the node and from pods.
      if (service === undefined || key === undefined || found.has(key)) continue
      // A dump that breaks off declares chains whose rules it does not show.
      found.set(key, table?.committed === true ? service : { ...service, broken: [] })
    }
  }
  const refused: ProxiedService[] = []
  for (const service of turnedAway(dump)) {
    const { droppedBy } = service
    const served = found.get(keyOf(service)) ?? found.get(keyOf({ ...service, kind: 'loadBalancer' }))
    // A Service whose endpoints are all elsewhere has both: a chain for packets from the cluster, a rule that drops all others.
    if (served && droppedBy) found.set(keyOf(served), { ...served, localOnly: true, droppedBy })
    else refused.push(service)
  }
  return [...found.values(), ...refused]
}

function keyOf(service: ProxiedService): string {
  return `${service.kind} ${serviceAddressKey(service)}`
}

/** Looks a name up by hash; the comments of the dump are read at the first name that is not known. */
function namesByHash(known: readonly NamedServicePort[], nat: Chains): (hash: string) => string | undefined {
  const names = new Map(known.map(({ name, protocol }) => [kubeChainHash(name, protocol), name]))
  let told: Names | undefined
  return (hash) => {
    const name = names.get(hash)
    if (name !== undefined) return name
    told ??= namesInComments(nat)
    return told.get(hash)
  }
}

/** `default/web:http -> 10.244.1.2:8080`, `default/web:http`: the first word, which a chain with its hash bears out. */
function namesInComments(nat: Chains): Names {
  const words = new Set<string>()
  for (const [chain, { rules }] of nat) {
    if (!isServiceChain(chain) && !chain.startsWith('KUBE-SEP-')) continue
    for (const rule of rules) {
      const word = parseIptablesRule(rule).comment?.split(' ')[0] ?? ''
      if (word.includes('/')) words.add(word)
    }
  }
  const names = new Map<string, string>()
  for (const word of words) {
    for (const protocol of ['tcp', 'udp', 'sctp']) names.set(kubeChainHash(word, protocol), word)
  }
  return names
}

function servedBy(
  dump: Capture<IptablesSave>,
  nat: Chains,
  rule: IptablesRule,
  nameOf: (hash: string) => string | undefined,
): ProxiedService | undefined {
  const spec = parseIptablesRule(rule)
  const chain = spec.target?.name ?? ''
  const where = portalOf(spec)
  if (where === undefined || !isServiceChain(chain)) return undefined
  const { comment = '' } = spec
  const told = KINDS.find(([suffix]) => comment.endsWith(suffix))
  const commented = told ? comment.slice(0, -told[0].length) : rule.chain === 'KUBE-NODEPORTS' ? comment : ''
  const name = commented === '' ? nameOf(hashInChainName(chain) ?? '') : commented
  const origin = new RuleEvidence(dump, rule)
  const droppedBy = dropInChain(nat.get(chain))
  return {
    ...where,
    ...(name !== undefined && { name }),
    kind: told?.[1] ?? (where.address === undefined ? 'nodePort' : kindByChain(chain)),
    ...iptablesServicePath(dump, nat, chain, origin),
    chain,
    localOnly: usesLocalEndpoints(nat, chain),
    ...(droppedBy && { droppedBy: new RuleEvidence(dump, droppedBy) }),
    origin,
  }
}

/** Until 1.23 the chain of local endpoints itself drops what finds none: `"default/local:http has no local endpoints" -j KUBE-MARK-DROP`. */
function dropInChain(chain: IptablesChain | undefined): IptablesRule | undefined {
  return chain?.rules.find(
    ({ spec }) => spec.endsWith('-j KUBE-MARK-DROP') && spec.includes(NO_LOCAL_ENDPOINTS),
  )
}

function kindByChain(chain: string): ServiceAddressKind {
  return chain.startsWith('KUBE-FW-')
    ? 'loadBalancer'
    : chain.startsWith('KUBE-EXT-') || chain.startsWith('KUBE-XLB-')
      ? 'external'
      : 'cluster'
}

/** `-d 10.96.10.13/32 -p tcp … --dport 80`; undefined for a rule that speaks of a network, or of no port. */
function portalOf({ destination, protocol, matches }: IptablesRuleSpec): Where | undefined {
  const name = protocol?.name
  const port = Number(optionOf(matches, '--dport') ?? 'none')
  if (name !== 'tcp' && name !== 'udp' && name !== 'sctp') return undefined
  if (!Number.isInteger(port) || destination?.negated === true) return undefined
  if (destination === undefined) return { port, protocol: name }
  const { address, length } = destination.prefix
  return length === (address.includes(':') ? 128 : 32) ? { address, port, protocol: name } : undefined
}

/**
 * The addresses that the filter table of a dump refuses or drops:
 * `… --comment "default/noeps:http has no endpoints" … -j REJECT`: there is nobody to answer.
 * `… --comment "default/local:http has no local endpoints" … -j DROP` (since 1.24): a traffic policy at work.
 */
export function turnedAway(dump: Capture<IptablesSave>): readonly ProxiedService[] {
  const filter: Chains = dump.value.tables.get('filter')?.chains ?? new Map()
  return ['KUBE-SERVICES', 'KUBE-EXTERNAL-SERVICES'].flatMap((chain) =>
    (filter.get(chain)?.rules ?? []).flatMap((rule) => turnedAwayBy(dump, rule) ?? []),
  )
}

function turnedAwayBy(dump: Capture<IptablesSave>, rule: IptablesRule): ProxiedService | undefined {
  const isRefused = rule.spec.includes(NO_ENDPOINTS)
  if (!isRefused && !rule.spec.includes(NO_LOCAL_ENDPOINTS)) return undefined
  const spec = parseIptablesRule(rule)
  const where = portalOf(spec)
  if (where === undefined || spec.target?.name !== (isRefused ? 'REJECT' : 'DROP')) return undefined
  const { comment = '' } = spec
  const suffix = isRefused ? NO_ENDPOINTS : NO_LOCAL_ENDPOINTS
  const name = comment.endsWith(suffix) ? comment.slice(0, -suffix.length) : undefined
  const origin = new RuleEvidence(dump, rule)
  return {
    ...where,
    ...(name !== undefined && { name }),
    kind: turnedAwayKind(rule.chain, where.address),
    endpoints: [],
    broken: [],
    localOnly: !isRefused,
    ...(isRefused ? { refusedBy: origin } : { droppedBy: origin }),
    origin,
  }
}

function turnedAwayKind(chain: string, address: Address | undefined): ServiceAddressKind {
  if (address === undefined) return 'nodePort'
  return chain === 'KUBE-SERVICES' ? 'cluster' : 'external'
}
