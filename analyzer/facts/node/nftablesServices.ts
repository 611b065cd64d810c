import type { Capture } from '../../bundle/bundle.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { parseAddress } from '../../net/address.ts'
import { parseAddressPort, parsePort } from '../../parsers/addressPort.ts'
import type { NftChain, NftRuleset, NftTable } from '../../parsers/nftRuleset.ts'
import type { NftVerdict } from '../../parsers/nftVerdicts.ts'
import { servicePortName } from './kubeChainName.ts'
import {
  type BrokenLink,
  type ProxiedEndpoint,
  type ProxiedService,
  type ServiceAddressKind,
  serviceAddressKey,
} from './proxiedService.ts'

type Portal = Pick<ProxiedService, 'address' | 'port' | 'protocol'>

interface Reading {
  readonly ruleset: Capture<NftRuleset>
  readonly chains: ReadonlyMap<string, NftChain>
  readonly maps: ReadonlyMap<string, readonly NftVerdict[]>
  /** Of the set `cluster-ips`; undefined before 1.30, which has none. */
  readonly clusterAddresses: ReadonlySet<string> | undefined
}

interface Step {
  readonly chain: string
  readonly from: Evidence
}

const LOCAL_CHAIN = 'local-'
const ENDPOINT_CHAIN = 'endpoint-'
const EXTERNAL_CHAIN = 'external-'

/**
 * The services that kube-proxy programmed into its tables `ip kube-proxy` and `ip6 kube-proxy`, by following the maps `service-ips` and
 * `service-nodeports` → service-, local- and external- chains → endpoint- chains → dnat, and those that it refuses or drops by the maps
 * `no-endpoint-services` and `no-endpoint-nodeports` (Kubernetes 1.29 to 1.33, pkg/proxy/nftables/proxier.go):
 * ```
 * 10.96.10.10 . tcp . 80 : goto service-SUSTUHLJ-default/web/tcp/http
 * numgen random mod 1 vmap { 0 : goto endpoint-SVLGPL42-default/web/tcp/http__10.244.1.2/8080 }
 * meta l4proto tcp dnat to 10.244.1.2:8080
 * ```
 */
export function nftablesServices(ruleset: Capture<NftRuleset>): readonly ProxiedService[] {
  return ruleset.value.tables
    .filter(({ name }) => name === 'kube-proxy')
    .flatMap((table) => servicesOf(readTable(ruleset, table)))
}

function readTable(ruleset: Capture<NftRuleset>, { chains, objects }: NftTable): Reading {
  const clusterAddresses = objects.find(({ name }) => name === 'cluster-ips')?.elements
  return {
    ruleset,
    clusterAddresses: clusterAddresses && new Set(clusterAddresses),
    chains: new Map(chains.map((chain) => [chain.name, chain])),
    maps: new Map(objects.map(({ name, verdicts }) => [name, verdicts])),
  }
}

function servicesOf(reading: Reading): readonly ProxiedService[] {
  const found = new Map<string, ProxiedService>()
  const withFirewall = new Set(reading.maps.get('firewall-ips')?.map(({ key }) => key))
  for (const map of ['service-ips', 'service-nodeports']) {
    for (const element of reading.maps.get(map) ?? []) {
      const service = servedBy(reading, element, withFirewall)
      if (service) found.set(serviceAddressKey(service), service)
    }
  }
  for (const map of ['no-endpoint-services', 'no-endpoint-nodeports']) {
    for (const element of reading.maps.get(map) ?? []) {
      const service = turnedAwayBy(reading, element)
      if (service === undefined) continue
      const key = serviceAddressKey(service)
      const served = found.get(key)
      const { droppedBy } = service
      found.set(key, served && droppedBy ? { ...served, localOnly: true, droppedBy } : service)
    }
  }
  return [...found.values()]
}

function servedBy(
  reading: Reading,
  { key, chain, line }: NftVerdict,
  withFirewall: ReadonlySet<string>,
): ProxiedService | undefined {
  const portal = portalOf(key)
  if (portal === undefined || chain === undefined) return undefined
  const name = nameOfChain(chain)
  const origin = reading.ruleset.cite(line)
  return {
    ...portal,
    ...(name !== undefined && { name }),
    kind: withFirewall.has(key) ? 'loadBalancer' : kindOf(portal, chain),
    ...pathFrom(reading, { chain, from: origin }),
    chain,
    localOnly: usesLocalEndpoints(reading, chain),
    origin,
  }
}

/** `10.96.10.10 . tcp . 80`, `tcp . 30080`. */
function portalOf(key: string): Portal | undefined {
  const words = key.split(' . ')
  const [digits, protocol, host] = words.toReversed()
  const port = parsePort(digits ?? '')
  if (port === undefined || words.length > 3) return undefined
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') return undefined
  if (host === undefined) return { port, protocol }
  const address = parseAddress(host)
  return address && { address, port, protocol }
}

function kindOf({ address }: Portal, chain: string): ServiceAddressKind {
  if (address === undefined) return 'nodePort'
  return chain.startsWith(EXTERNAL_CHAIN) ? 'external' : 'cluster'
}

/** `service-SUSTUHLJ-default/web/tcp/http` → `default/web:http`; undefined of a name that was too long and is cut. */
function nameOfChain(chain: string): string | undefined {
  const [, namespace, name, port] =
    /^[a-z]+-[A-Z2-7]{8}-([\w.-]+)\/([\w.-]+)\/[a-z]+\/([\w.-]*)$/.exec(chain) ?? []
  return namespace === undefined || name === undefined ? undefined : servicePortName(namespace, name, port)
}

/** All endpoints that packets from outside the node get: rules for the node's own and for pods' packets lead elsewhere. */
function pathFrom(reading: Reading, start: Step): Pick<ProxiedService, 'endpoints' | 'broken'> {
  const endpoints = new Map<string, ProxiedEndpoint>()
  const broken: BrokenLink[] = []
  const seen = new Set<string>()
  const open = [start]
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    if (seen.has(step.chain)) continue
    seen.add(step.chain)
    const chain = reading.chains.get(step.chain)
    const fault = chain ? emptiness(reading, chain, step.from) : missing(step)
    if (fault) broken.push(fault)
    if (chain === undefined) continue
    const endpoint = endpointOf(reading, chain)
    if (endpoint) endpoints.set(`${endpoint.address} ${endpoint.port}`, endpoint)
    open.push(...stepsFrom(reading, chain).toReversed())
  }
  // A listing that breaks off lacks chains that are there.
  return { endpoints: [...endpoints.values()], broken: reading.ruleset.value.complete ? broken : [] }
}

function missing({ chain, from }: Step): BrokenLink {
  return { kind: 'missing-chain', chain, lines: [from] }
}

function emptiness(reading: Reading, chain: NftChain, from: Evidence): BrokenLink | undefined {
  const lines = [from, reading.ruleset.cite(chain.line)]
  if (chain.rules.length === 0) return { kind: 'empty-chain', chain: chain.name, lines }
  if (!chain.name.startsWith(ENDPOINT_CHAIN) || endpointOf(reading, chain)) return undefined
  return { kind: 'no-destination', chain: chain.name, lines }
}

/** `meta l4proto tcp dnat to 10.244.1.2:8080` */
function endpointOf({ ruleset }: Reading, chain: NftChain): ProxiedEndpoint | undefined {
  if (!chain.name.startsWith(ENDPOINT_CHAIN)) return undefined
  for (const { text, line } of chain.rules) {
    const to = / dnat (?:ip6? )?to (\S+)/.exec(` ${text}`)?.[1]
    const destination = to === undefined ? undefined : parseAddressPort(to)
    if (destination?.port === undefined) continue
    return { address: destination.address, port: destination.port, origin: ruleset.cite(line) }
  }
  return undefined
}

/** `goto X` of rules for every packet, and the elements of `numgen random mod 2 vmap { 0 : goto X, 1 : goto Y }`. */
function stepsFrom({ ruleset }: Reading, chain: NftChain): readonly Step[] {
  return chain.rules.flatMap(({ text, line }): readonly Step[] => {
    if (!text.startsWith('goto ') && !text.startsWith('numgen ')) return []
    const targets = text.split('goto ').slice(1)
    const from = ruleset.cite(line)
    return targets.map((words) => ({ chain: /^[^\s,}]*/.exec(words)?.[0] ?? '', from }))
  })
}

/** A traffic policy `Local`: the chain is, or ends in, that of the node's own endpoints; without any it only serves local sources. */
function usesLocalEndpoints({ chains }: Reading, name: string): boolean {
  if (name.startsWith(LOCAL_CHAIN)) return true
  if (!name.startsWith(EXTERNAL_CHAIN)) return false
  return (chains.get(name)?.rules ?? []).some(
    ({ text }) => text.startsWith(`goto ${LOCAL_CHAIN}`) || text.startsWith('fib saddr type local goto'),
  )
}

/** `10.96.10.13 . tcp . 80 comment "default/noeps:http" : goto reject-chain`; `drop` where only the node itself has no endpoints. */
function turnedAwayBy(
  { ruleset, clusterAddresses }: Reading,
  { key, chain, verdict, comment, line }: NftVerdict,
): ProxiedService | undefined {
  const portal = portalOf(key)
  if (portal === undefined || (chain === undefined && verdict !== 'drop')) return undefined
  const origin = ruleset.cite(line)
  return {
    ...portal,
    ...(comment !== undefined && { name: comment }),
    kind: turnedAwayKind(portal, clusterAddresses),
    endpoints: [],
    broken: [],
    localOnly: verdict === 'drop',
    ...(verdict === 'drop' ? { droppedBy: origin } : { refusedBy: origin }),
    origin,
  }
}

function turnedAwayKind(
  { address }: Portal,
  clusterAddresses: ReadonlySet<string> | undefined,
): ServiceAddressKind {
  if (address === undefined) return 'nodePort'
  return clusterAddresses?.has(address) === false ? 'external' : 'cluster'
}
