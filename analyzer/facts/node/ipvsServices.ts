import type { Capture } from '../../bundle/bundle.ts'
import { type Address, isLoopback } from '../../net/address.ts'
import { prefixContains, prefixOf } from '../../net/prefix.ts'
import type { ServiceInApi } from '../cluster/kubeServices.ts'
import type { IpsetSave } from '../../parsers/ipsetSave.ts'
import type { IpvsService, IpvsTable } from '../../parsers/ipvsadm.ts'
import type { NodeInterface } from './interfaces.ts'
import { servicePortName } from './kubeChainName.ts'
import { type ProxiedService, type ServiceAddressKind, serviceAddressKey } from './proxiedService.ts'

/** What is known beside the virtual services themselves. */
interface IpvsSurroundings {
  readonly sets: IpsetSave | undefined
  readonly interfaces: readonly NodeInterface[] | undefined
  readonly api: ReadonlyMap<string, ServiceInApi> | undefined
}

interface Purpose {
  readonly kind: ServiceAddressKind
  readonly localOnly: boolean
}

/** kube-proxy's sets of `address,protocol:port` (Kubernetes pkg/proxy/ipvs/ipset.go), in the order in which they are asked. */
const ADDRESS_SETS: readonly (readonly [set: string, purpose: Purpose])[] = [
  ['KUBE-EXTERNAL-IP-LOCAL', { kind: 'external', localOnly: true }],
  ['KUBE-LOAD-BALANCER-LOCAL', { kind: 'loadBalancer', localOnly: true }],
  ['KUBE-EXTERNAL-IP', { kind: 'external', localOnly: false }],
  ['KUBE-LOAD-BALANCER', { kind: 'loadBalancer', localOnly: false }],
  ['KUBE-CLUSTER-IP', { kind: 'cluster', localOnly: false }],
]

/**
 * The services that kube-proxy programmed into IPVS. What each address is for is told by kube-proxy's sets, by the API, by the node's
 * own addresses; failing these, an address outside the networks of the node's interfaces is taken for a cluster address.
 * Services of firewall marks are not kube-proxy's and are left out.
 */
export function ipvsServices(
  table: Capture<IpvsTable>,
  { sets, interfaces, api }: IpvsSurroundings,
): readonly ProxiedService[] {
  const members = new Map([...(sets ?? [])].map(([name, { entries }]) => [name, elementsOf(entries)]))
  const named = api === undefined ? new Map<string, NamedPurpose>() : purposesInApi(api)
  const localPorts = localNodePorts(sets)
  return table.value.services.flatMap((service): readonly ProxiedService[] => {
    const { address, port = 0 } = service
    const protocol = protocolOf(service)
    if (address === undefined || protocol === undefined) return []
    const key = { address, port, protocol }
    const isOwn = isNodeAddress(address, interfaces)
    const known =
      named.get(serviceAddressKey(key)) ??
      (isOwn ? named.get(serviceAddressKey({ port, protocol })) : undefined)
    const purpose =
      purposeInSets(members, key) ??
      (isOwn ? { kind: 'nodePort', localOnly: localPorts.has(`${protocol} ${port}`) } : known?.purpose) ??
      guessedPurpose(address, interfaces)
    return [
      {
        ...key,
        ...(known !== undefined && { name: known.name }),
        kind: purpose.kind,
        endpoints: serversOf(table, service),
        broken: [],
        localOnly: purpose.localOnly || known?.purpose.localOnly === true,
        origin: table.cite(service.line),
      },
    ]
  })
}

function serversOf(
  table: Capture<IpvsTable>,
  { servers, port = 0 }: IpvsService,
): ProxiedService['endpoints'] {
  return servers.map((server) => ({
    address: server.address,
    port: server.port === 0 ? port : server.port,
    weight: server.weight,
    origin: table.cite(server.line),
  }))
}

function protocolOf({ protocol }: IpvsService): ProxiedService['protocol'] | undefined {
  switch (protocol) {
    case 'TCP':
      return 'tcp'
    case 'UDP':
      return 'udp'
    case 'SCTP':
      return 'sctp'
    case 'FWM':
      return undefined
  }
}

/** `10.96.10.13,tcp:80`; ipset prints no protocol where it is TCP in some versions. */
function elementsOf(entries: readonly { readonly element: string }[]): ReadonlySet<string> {
  return new Set(entries.map(({ element }) => element.replace(/,(\d+)$/, ',tcp:$1')))
}

function purposeInSets(
  members: ReadonlyMap<string, ReadonlySet<string>>,
  { address, port, protocol }: { address: Address; port: number; protocol: string },
): Purpose | undefined {
  const element = `${address},${protocol}:${port}`
  return ADDRESS_SETS.find(([set]) => members.get(set)?.has(element))?.[1]
}

/** The node's ports that only lead to pods on the node. */
function localNodePorts(sets: IpsetSave | undefined): ReadonlySet<string> {
  const ports = new Set<string>()
  for (const [set, protocol] of [
    ['KUBE-NODE-PORT-LOCAL-TCP', 'tcp'],
    ['KUBE-NODE-PORT-LOCAL-UDP', 'udp'],
  ] as const) {
    for (const { element } of sets?.get(set)?.entries ?? []) ports.add(`${protocol} ${element}`)
  }
  return ports
}

interface NamedPurpose {
  readonly name: string
  readonly purpose: Purpose
}

function purposesInApi(api: ReadonlyMap<string, ServiceInApi>): ReadonlyMap<string, NamedPurpose> {
  const found = new Map<string, NamedPurpose>()
  for (const { service } of api.values()) {
    const inside = service.internalTrafficPolicy === 'Local'
    const outside = service.externalTrafficPolicy === 'Local'
    for (const { name: portName, protocol: upper, port, nodePort } of service.ports) {
      const protocol = ({ TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' } as const)[upper]
      if (protocol === undefined) continue
      const name = servicePortName(service.namespace, service.name, portName)
      const add = (kind: ServiceAddressKind, localOnly: boolean, at: number, address?: Address): void => {
        const key = serviceAddressKey({ port: at, protocol, ...(address !== undefined && { address }) })
        found.set(key, { name, purpose: { kind, localOnly } })
      }
      for (const address of service.externalAddresses) add('external', outside, port, address)
      for (const address of service.loadBalancerAddresses) add('loadBalancer', outside, port, address)
      for (const address of service.clusterAddresses) add('cluster', inside, port, address)
      if (nodePort !== undefined) add('nodePort', outside, nodePort)
    }
  }
  return found
}

/** kube-proxy binds node ports to every address of the node, those of bridges and tunnels among them, but for kube-ipvs0's. */
function isNodeAddress(address: Address, interfaces: readonly NodeInterface[] | undefined): boolean {
  if (isLoopback(address)) return true
  return (interfaces ?? []).some(
    ({ role, addresses }) => role !== 'ipvs' && addresses.some((held) => held.address === address),
  )
}

function guessedPurpose(address: Address, interfaces: readonly NodeInterface[] | undefined): Purpose {
  const onLink = (interfaces ?? []).some(
    ({ role, addresses }) =>
      role === 'host' &&
      addresses.some((held) => prefixContains(prefixOf(held.address, held.prefixLength), address)),
  )
  return { kind: onLink ? 'external' : 'cluster', localOnly: false }
}
