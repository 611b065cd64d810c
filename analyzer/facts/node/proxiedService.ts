import type { Evidence } from '../../engine/evidence.ts'
import { type Address, isV6 } from '../../net/address.ts'

/** For whom an address of a Service is: pods and nodes; clients outside by an external address, a load balancer or a node's port. */
export type ServiceAddressKind = 'cluster' | 'external' | 'loadBalancer' | 'nodePort'

/** Where a node's proxy sends the packets of a Service. */
export interface ProxiedEndpoint {
  readonly address: Address
  readonly port: number
  /** Of IPVS; 0: gets no new connections. */
  readonly weight?: number
  readonly origin: Evidence
}

/**
 * A place where the way of a packet to an endpoint breaks off: a jump to a chain that is not there, or that is empty; an endpoint's
 * chain without a destination; shares of the endpoints that differ, or leave a part of the connections without any. `unreadable`: the printed destination has lost its words,
 * as an older iptables prints the rules of a newer one, so that the dump is at fault and not the rule.
 */
export interface BrokenLink {
  readonly kind:
    'missing-chain' | 'empty-chain' | 'no-destination' | 'uneven-shares' | 'lost-share' | 'unreadable'
  /** The chain that is missing, empty, without a destination, or shares badly. */
  readonly chain: string
  /** The rule that leads there, then what is wrong there. */
  readonly lines: readonly Evidence[]
}

/** An address and port of a Service as the proxy of one node programmed it. */
export interface ProxiedService {
  /** Left out for a node's port in iptables: every address of the node. */
  readonly address?: Address
  readonly port: number
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  /** `namespace/name:port` as in the API, without a colon where the port has no name; left out where nothing tells. */
  readonly name?: string
  readonly kind: ServiceAddressKind
  /** What clients outside the node get; of IPVS, the real servers. */
  readonly endpoints: readonly ProxiedEndpoint[]
  /** Of iptables and nftables: the chain that its packets go to. */
  readonly chain?: string
  /** Empty where every packet finds an endpoint, or is refused on purpose. */
  readonly broken: readonly BrokenLink[]
  /** Only endpoints on this node are used (a traffic policy `Local`): none of them is no fault. */
  readonly localOnly: boolean
  /** The rule that turns its packets away since it has no endpoints anywhere. */
  readonly refusedBy?: Evidence
  /** The rule that drops packets from outside the cluster since none of its endpoints is on this node (a traffic policy `Local`). */
  readonly droppedBy?: Evidence
  readonly origin: Evidence
}

/** The same text for the same address and port on every node. */
export function serviceAddressKey({
  address,
  port,
  protocol,
}: Pick<ProxiedService, 'address' | 'port' | 'protocol'>): string {
  return `${protocol} ${address ?? '*'} ${port}`
}

/** A service port's name in its parts: `default/web:http` → `default/web` and `http`; '' for a port without a name. */
export function splitPortName(name: string): { readonly service: string; readonly port: string } {
  const colon = name.indexOf(':')
  return colon < 0
    ? { service: name, port: '' }
    : { service: name.slice(0, colon), port: name.slice(colon + 1) }
}

/** An address and port as they are written in reports: `10.96.0.1:443/tcp`, `[fd00::1]:443/tcp`, `*:30080/tcp`. */
export function formatServiceAddress({
  address,
  port,
  protocol,
}: Pick<ProxiedService, 'address' | 'port' | 'protocol'>): string {
  const host = address === undefined ? '*' : isV6(address) ? `[${address}]` : address
  return `${host}:${port}/${protocol}`
}
