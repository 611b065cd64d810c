import { type Availability, available } from '../../engine/availability.ts'
import { type OfNode, defineClusterFact, eachNode, valueOfNode } from '../../engine/fact.ts'
import { prefixContains } from '../../net/prefix.ts'
import { capturedAt } from './capturedAt.ts'
import { podNetworks } from '../node/podNetworks.ts'
import { type ProxiedEndpoint, type ProxiedService, serviceAddressKey } from '../node/proxiedService.ts'
import { proxyMode } from '../node/proxyMode.ts'
import { services } from '../node/services.ts'
import { whole } from '../node/whole.ts'

/** What one node makes of a cluster address. */
export interface ServiceView {
  readonly node: string
  /** When the node's bundle was made, in milliseconds since 1970; left out where it does not tell. */
  readonly collectedAtMs?: number
  /** Left out where the node knows nothing of the address. */
  readonly service?: ProxiedService
  /** Those that get new connections: servers of IPVS with weight 0 are on their way out. */
  readonly endpoints: readonly ProxiedEndpoint[]
}

/** A cluster address and port as every node that shows all its Services has it. */
export interface ComparedService {
  readonly key: string
  /** `namespace/name:port`, where a node's rules or the API tell. */
  readonly name?: string
  readonly views: readonly ServiceView[]
}

/**
 * The cluster addresses that nodes hold differently: other endpoints, none, or no such address at all. Compared are nodes whose proxy
 * has programmed Services and whose captures of it are whole. Addresses of a traffic policy `Local` are left out: by the rules of the
 * node, or because every node uses endpoints of its own pod networks alone.
 */
export const differingServices = defineClusterFact({
  name: 'Services that nodes hold differently',
  needs: {
    services: eachNode(whole(services)),
    modes: eachNode(proxyMode),
    networks: eachNode(podNetworks),
    timeOf: capturedAt,
  },
  compute({ services, modes, networks, timeOf }): Availability<readonly ComparedService[]> {
    const programmed = services.filter(
      ({ node, value }) =>
        valueOfNode(modes, node.id)?.mode !== 'none' && value.some(({ kind }) => kind === 'cluster'),
    )
    const byNode = programmed.map(({ node, value }) => ({ node, value: clusterAddresses(value) }))
    const keys = new Set(byNode.flatMap(({ value }) => [...value.keys()]))
    const compared = [...keys].map((key) => comparedService(key, byNode, timeOf))
    const isOwn = (node: string, { address }: ProxiedEndpoint): boolean =>
      valueOfNode(networks, node)?.some(({ prefix }) => prefixContains(prefix, address)) === true
    return available(
      compared.filter(
        ({ views }) =>
          new Set(views.map(signatureOf)).size > 1 &&
          !views.some(({ service }) => service?.localOnly) &&
          !views.every(({ node, endpoints }) => endpoints.every((endpoint) => isOwn(node, endpoint))),
      ),
    )
  },
})

function clusterAddresses(services: readonly ProxiedService[]): ReadonlyMap<string, ProxiedService> {
  return new Map(
    services.filter(({ kind }) => kind === 'cluster').map((service) => [serviceAddressKey(service), service]),
  )
}

function comparedService(
  key: string,
  byNode: readonly OfNode<ReadonlyMap<string, ProxiedService>>[],
  timeOf: ReadonlyMap<string, number>,
): ComparedService {
  // A node whose chains for the address are broken, or cannot be read, is another rule's.
  const views = byNode.flatMap(({ node, value }) => {
    const service = value.get(key)
    return service === undefined || service.broken.length === 0
      ? [viewOf(node.id, service, timeOf.get(node.id))]
      : []
  })
  const name = views.find(({ service }) => service?.name !== undefined)?.service?.name
  return { key, ...(name !== undefined && { name }), views }
}

function viewOf(
  node: string,
  service: ProxiedService | undefined,
  collectedAtMs: number | undefined,
): ServiceView {
  return {
    node,
    ...(collectedAtMs !== undefined && { collectedAtMs }),
    ...(service && { service }),
    endpoints: (service?.endpoints ?? []).filter(({ weight }) => weight !== 0),
  }
}

/** The same text for nodes that send packets to the same endpoints; a node that knows no such address has none of its own. */
export function signatureOf({ service, endpoints }: ServiceView): string {
  if (service === undefined) return 'absent'
  return endpoints.map(endpointKey).toSorted().join(' ')
}

/** `10.244.1.2 8080` */
export function endpointKey({ address, port }: Pick<ProxiedEndpoint, 'address' | 'port'>): string {
  return `${address} ${port}`
}
