import type { Evidence } from '../../engine/evidence.ts'
import { type Address, parseAddress } from '../../net/address.ts'
import type { IptablesChain } from '../../parsers/iptablesTables.ts'
import type { TableOfDump } from './iptablesTables.ts'

/** The firewall of one pod, as kube-router makes it. */
export interface PodFirewall {
  readonly chain: string
  /** Of its pod; undefined where no rule of the chain names one. */
  readonly address: Address | undefined
  /** The rule that names the pod's address, else the chain. */
  readonly origin: Evidence
}

/** The chains of one network policy: one, and twice as many while kube-router makes them anew. */
export interface PolicyWithChains {
  /** `namespace/name`. */
  readonly policy: string
  readonly chains: readonly string[]
  /** A rule of each of them that names the policy. */
  readonly origins: readonly Evidence[]
}

/** A network that two rules let through, each of a kube-router that calls it otherwise. */
export interface TwiceAllowed {
  readonly network: string
  readonly origins: readonly Evidence[]
}

/** What kube-router, within k3s or by itself, has in the filter table of a dump. */
export interface PolicyChains {
  readonly pods: readonly PodFirewall[]
  /** Of chains whose rules name no policy nothing is told. */
  readonly policies: readonly PolicyWithChains[]
  readonly twice: readonly TwiceAllowed[]
}

const POD = 'KUBE-POD-FW-'
const POLICY = 'KUBE-NWPLCY-'
/** `"rule to ACCEPT traffic from source pods to dest pods selected by policy name web namespace default"` */
const POLICY_NAME = / policy name (?<name>[a-z0-9.-]{1,253}) namespace (?<namespace>[a-z0-9-]{1,63})\b/
/** `-d 10.42.0.38/32 -m addrtype --src-type LOCAL` */
const DESTINATION = /(?:^| )-d ([0-9.]{7,15})\/32(?: |$)/
/** `-d 10.96.0.0/12 … "allow traffic to cluster IP - 4H2UH6XHRCCZXCYQ"`; later `primary/secondary cluster IP range`, `primary cluster IP range`. */
const ALLOWED = /"allow traffic to (?:[a-z/]{1,30} )?cluster IP(?: range)? - (?<hash>[A-Z0-9]{16})"/
const NETWORK = /(?:^| )-d (?<network>[0-9./]{9,18})(?: |$)/

/**
 * The chains of a kube-router (cloudnativelabs/kube-router 1.x and 2.x, pkg/controllers/netpol):
 * ```
 * -A KUBE-POD-FW-XIOATVM5TOINSO4V -d 10.42.0.38/32 -m comment --comment "rule to permit the traffic traffic to pods when source is the pod's local node" -m addrtype --src-type LOCAL -j ACCEPT
 * -A KUBE-NWPLCY-JETO5HCCICPORJFD -p tcp -m comment --comment "rule to ACCEPT traffic from source pods to dest pods selected by policy name web namespace default" -m set --match-set KUBE-SRC-RKCNJAY4ZMHT3ECQ src -m set --match-set KUBE-DST-VAWT2357PZRYVGDI dst -m tcp --dport 3306 -j ACCEPT
 * ```
 */
export function policyChainsOf({ dump, table }: TableOfDump): PolicyChains {
  const cite = dump.capture.cite
  const chains = [...table.chains.values()]
  const pods = chains
    .filter(({ name }) => name.startsWith(POD))
    .map((chain): PodFirewall => {
      const named = chain.rules.find(({ spec }) => DESTINATION.test(spec))
      const address = parseAddress(DESTINATION.exec(named?.spec ?? '')?.[1] ?? '')
      return { chain: chain.name, address, origin: cite((named ?? chain).line) }
    })
  const policies = policiesOf(
    chains.filter(({ name }) => name.startsWith(POLICY)),
    cite,
  )
  return { pods, policies, twice: twiceAllowed(table.chains.get('KUBE-ROUTER-INPUT'), cite) }
}

type Cite = TableOfDump['dump']['capture']['cite']

function policiesOf(all: readonly IptablesChain[], cite: Cite): readonly PolicyWithChains[] {
  const found = new Map<string, { readonly chains: string[]; readonly origins: Evidence[] }>()
  for (const { name, rules } of all) {
    const named = rules.find(({ spec }) => POLICY_NAME.test(spec))
    const told = POLICY_NAME.exec(named?.spec ?? '')?.groups
    if (named === undefined || told === undefined) continue
    const policy = `${told['namespace'] ?? ''}/${told['name'] ?? ''}`
    const known = found.get(policy) ?? { chains: [], origins: [] }
    found.set(policy, known)
    known.chains.push(name)
    known.origins.push(cite(named.line))
  }
  return [...found].map(([policy, { chains, origins }]) => ({ policy, chains, origins }))
}

function twiceAllowed(chain: IptablesChain | undefined, cite: Cite): readonly TwiceAllowed[] {
  const byNetwork = new Map<string, Map<string, Evidence>>()
  for (const { spec, line } of chain?.rules ?? []) {
    const hash = ALLOWED.exec(spec)?.groups?.['hash']
    const network = NETWORK.exec(spec)?.groups?.['network']
    if (hash === undefined || network === undefined) continue
    const known = byNetwork.get(network) ?? new Map<string, Evidence>()
    byNetwork.set(network, known)
    if (!known.has(hash)) known.set(hash, cite(line))
  }
  return [...byNetwork]
    .filter(([, rules]) => rules.size > 1)
    .map(([network, rules]) => ({ network, origins: [...rules.values()] }))
}
