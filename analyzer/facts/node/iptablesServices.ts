import type { Capture } from '../../bundle/bundle.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { type Address, parseAddress } from '../../net/address.ts'
import { type IptablesMatch, type IptablesRuleSpec, parseIptablesRule } from '../../parsers/iptablesRule.ts'
import type { IptablesChain, IptablesRule, IptablesSave } from '../../parsers/iptablesSave.ts'
import { hashInChainName, kubeChainHash } from './kubeChainName.ts'
import {
  type ProxiedEndpoint,
  type ProxiedService,
  type ServiceAddressKind,
  serviceAddressKey,
} from './proxiedService.ts'

/** A port of a Service that the cluster is known to have, for chains whose rules lost their comments. */
export interface NamedServicePort {
  readonly name: string
  readonly protocol: string
}

type Chains = ReadonlyMap<string, IptablesChain>

interface Portal {
  readonly address?: Address
  readonly port: number
  readonly protocol: ProxiedService['protocol']
  readonly comment: string
}

/** kube-proxy 1.20 calls the chain of a node's own endpoints XLB, since 1.24 SVL, with EXT before it. */
const SERVICE_CHAIN = /^KUBE-(?:SVC|SVL|XLB|EXT|FW)-/
const NO_ENDPOINTS = ' has no endpoints'

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
 * A chain whose rules have no comment is named by its hash, where the name is among `known`.
 */
export function iptablesServices(
  dump: Capture<IptablesSave>,
  known: readonly NamedServicePort[],
): readonly ProxiedService[] {
  const nat: Chains = dump.value.tables.get('nat')?.chains ?? new Map()
  const names = new Map(known.map(({ name, protocol }) => [kubeChainHash(name, protocol), name]))
  const found = new Map<string, ProxiedService>()
  for (const chain of ['KUBE-SERVICES', 'KUBE-NODEPORTS']) {
    for (const rule of nat.get(chain)?.rules ?? []) {
      const service = servedBy(dump, nat, rule, names)
      const key = service && `${service.kind} ${serviceAddressKey(service)}`
      // An external address has up to three rules, for packets from outside, from the node and from pods.
      if (service && key !== undefined && !found.has(key)) found.set(key, service)
    }
  }
  return [...found.values(), ...refusedServices(dump)]
}

function servedBy(
  dump: Capture<IptablesSave>,
  nat: Chains,
  rule: IptablesRule,
  names: ReadonlyMap<string, string>,
): ProxiedService | undefined {
  const spec = parseIptablesRule(rule)
  const chain = spec.target?.name ?? ''
  const portal = portalOf(spec)
  if (portal === undefined || !SERVICE_CHAIN.test(chain)) return undefined
  const { comment, ...where } = portal
  const told = KINDS.find(([suffix]) => comment.endsWith(suffix))
  const commented = told ? comment.slice(0, -told[0].length) : rule.chain === 'KUBE-NODEPORTS' ? comment : ''
  const name = commented === '' ? names.get(hashInChainName(chain) ?? '') : commented
  return {
    ...where,
    ...(name !== undefined && { name }),
    kind: told?.[1] ?? (where.address === undefined ? 'nodePort' : kindByChain(chain)),
    endpoints: endpointsBehind(dump, nat, chain),
    chain,
    localOnly: usesLocalEndpoints(nat, chain),
    origin: dump.cite(rule.line),
  }
}

function kindByChain(chain: string): ServiceAddressKind {
  return chain.startsWith('KUBE-FW-')
    ? 'loadBalancer'
    : chain.startsWith('KUBE-EXT-') || chain.startsWith('KUBE-XLB-')
      ? 'external'
      : 'cluster'
}

/** `-d 10.96.10.13/32 -p tcp … --dport 80`; undefined for a rule that speaks of a network, or of no port. */
function portalOf({ destination, protocol, matches, comment }: IptablesRuleSpec): Portal | undefined {
  const name = protocol?.name
  const port = Number(optionOf(matches, '--dport') ?? 'none')
  if (name !== 'tcp' && name !== 'udp' && name !== 'sctp') return undefined
  if (!Number.isInteger(port) || destination?.negated === true) return undefined
  const base: Portal = { port, protocol: name, comment: comment ?? '' }
  if (destination === undefined) return base
  const { address, length } = destination.prefix
  return length === (address.includes(':') ? 128 : 32) ? { ...base, address } : undefined
}

function optionOf(matches: readonly IptablesMatch[], name: string): string | undefined {
  for (const { options } of matches) {
    const option = options.find((candidate) => candidate.name === name && !candidate.negated)
    if (option) return option.values[0]
  }
  return undefined
}

/** All endpoints that packets from outside the node get: rules for the node's own and for pods' packets lead elsewhere. */
function endpointsBehind(
  dump: Capture<IptablesSave>,
  nat: Chains,
  start: string,
): readonly ProxiedEndpoint[] {
  const endpoints = new Map<string, ProxiedEndpoint>()
  const seen = new Set<string>()
  const open = [start]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue
    seen.add(name)
    for (const rule of nat.get(name)?.rules ?? []) {
      const spec = parseIptablesRule(rule)
      const target = spec.target?.name ?? ''
      if (target === 'DNAT') {
        const endpoint = destinationOf(dump, rule, spec)
        if (endpoint) endpoints.set(`${endpoint.address} ${endpoint.port}`, endpoint)
      } else if (leadsOn(name, target, spec)) open.push(target)
    }
  }
  return [...endpoints.values()]
}

function leadsOn(chain: string, target: string, spec: IptablesRuleSpec): boolean {
  if (target.startsWith('KUBE-SEP-')) return true
  if (!SERVICE_CHAIN.test(target) || isForLocalSources(spec)) return false
  // KUBE-FW lists the source ranges that the load balancer admits; elsewhere a source stands for the pods of the cluster.
  return spec.source === undefined || chain.startsWith('KUBE-FW-')
}

function isForLocalSources({ matches }: IptablesRuleSpec): boolean {
  return optionOf(matches, '--src-type') === 'LOCAL'
}

function destinationOf(
  dump: Capture<IptablesSave>,
  rule: IptablesRule,
  { targetOptions }: IptablesRuleSpec,
): ProxiedEndpoint | undefined {
  const to = targetOptions.get('--to-destination') ?? ''
  const [, v6, v4, port] = /^(?:\[([^\]]{2,45})\]|([\d.]{7,15})):(\d{1,5})$/.exec(to) ?? []
  const address = parseAddress(v6 ?? v4 ?? '')
  return address && { address, port: Number(port), origin: dump.cite(rule.line) }
}

/** A traffic policy `Local`: the chain is, or ends in, that of the node's own endpoints; without any it only serves local sources. */
function usesLocalEndpoints(nat: Chains, chain: string): boolean {
  if (chain.startsWith('KUBE-SVL-') || chain.startsWith('KUBE-XLB-')) return true
  const specs = (nat.get(chain)?.rules ?? []).map(parseIptablesRule)
  return specs.some((spec) => {
    const target = spec.target?.name ?? ''
    if (target.startsWith('KUBE-SVL-') || target.startsWith('KUBE-XLB-')) return true
    if (target.startsWith('KUBE-EXT-')) return usesLocalEndpoints(nat, target)
    return target.startsWith('KUBE-SVC-') && isForLocalSources(spec)
  })
}

/** `… --comment "default/noeps:http has no endpoints" … -j REJECT`; `has no local endpoints` is a policy at work. */
function refusedServices(dump: Capture<IptablesSave>): readonly ProxiedService[] {
  const filter: Chains = dump.value.tables.get('filter')?.chains ?? new Map()
  return ['KUBE-SERVICES', 'KUBE-EXTERNAL-SERVICES'].flatMap((chain) =>
    (filter.get(chain)?.rules ?? []).flatMap((rule): readonly ProxiedService[] => {
      if (!rule.spec.includes(NO_ENDPOINTS)) return []
      const spec = parseIptablesRule(rule)
      const portal = portalOf(spec)
      if (portal === undefined || spec.target?.name !== 'REJECT') return []
      const { comment, ...where } = portal
      const origin: Evidence = dump.cite(rule.line)
      const name = comment.endsWith(NO_ENDPOINTS) ? comment.slice(0, -NO_ENDPOINTS.length) : undefined
      return [
        {
          ...where,
          ...(name !== undefined && { name }),
          kind: refusedKind(chain, where.address),
          endpoints: [],
          localOnly: false,
          refusedBy: origin,
          origin,
        },
      ]
    }),
  )
}

function refusedKind(chain: string, address: Address | undefined): ServiceAddressKind {
  if (address === undefined) return 'nodePort'
  return chain === 'KUBE-SERVICES' ? 'cluster' : 'external'
}
