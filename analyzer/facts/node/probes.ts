import type { NodeScope } from '../../engine/scope.ts'
import { type Availability, available, unavailable } from '../../engine/availability.ts'
import { type OfNode, defineNodeFact, eachNode } from '../../engine/fact.ts'
import { type Address, addressFromBigInt, addressToBigInt, isV4 } from '../../net/address.ts'
import { type Prefix, prefixContains, prefixSize } from '../../net/prefix.ts'
import { ipsetMembership } from '../../netfilter/ipsetMembership.ts'
import { NO_MARK, type Packet } from '../../netfilter/packet.ts'
import type { Surroundings } from '../../netfilter/surroundings.ts'
import { captured } from '../../sources/captured.ts'
import { type ApiServerAddress, apiServerAddresses, serversKnownTo } from '../cluster/apiServerAddresses.ts'
import { apiServerNodes } from '../cluster/apiServerNodes.ts'
import { clusterNetworks } from '../cluster/clusterNetworks.ts'
import { type NodeInterface, interfaces } from './interfaces.ts'
import { type NodeAddress, nodeAddresses } from './nodeAddresses.ts'
import { type CitedPrefix, podNetworks } from './podNetworks.ts'
import { type Routes, routes } from './routes.ts'

/** A packet that a sound node lets pass, to ask its rules about. */
export interface Probe {
  /** What would send it. */
  readonly kind: 'pod-to-pod' | 'pod-to-service' | 'api-to-kubelet' | 'node-to-api' | 'overlay'
  /** The chain of the filter table that it meets; `PREROUTING` of one that stands for its way up to the DNAT alone. */
  readonly chain: 'PREROUTING' | 'FORWARD' | 'INPUT' | 'OUTPUT'
  readonly packet: Packet
}

/** Packets to ask a node's rules about, and what is known of the node beside them. */
export interface Probes {
  readonly probes: readonly Probe[]
  readonly around: Surroundings
}

/** A port of pods that no rule is likely to speak of. */
const POD_PORT = 8080
const KUBELET_PORT = 10_250
/** Peers that packets are made for: rules seldom tell peers apart. */
const MAX_PEERS = 16

/**
 * Packets between the pods of this node and those of each peer, both ways, straight and by way of a Service; from each peer to the
 * port of a VXLAN device, and back to the peer's; from each peer to the kubelet, where peers that run no API server are left out if one
 * is known: nobody else need reach a kubelet; from the node to the API servers that it knows. IPv4. Unavailable where neither a pod
 * network nor a peer is known.
 */
export const probes = defineNodeFact({
  name: 'packets to ask the rules about',
  needs: { interfaces, addresses: nodeAddresses },
  wants: {
    networks: podNetworks,
    ofNodes: eachNode(podNetworks),
    peers: eachNode(nodeAddresses),
    cluster: clusterNetworks,
    routes,
    ipsets: captured.ipsetSave,
    callers: apiServerNodes,
    servers: apiServerAddresses,
  },
  compute(inputs, node): Availability<Probes> {
    const own = inputs.networks?.find(({ prefix }) => isV4(prefix.address))?.prefix
    const elsewhere = peerNetworks(node, own, inputs.ofNodes ?? [], inputs.cluster?.pods ?? [])
    const forwarded = own === undefined ? [] : elsewhere.flatMap((peer) => podProbes(own, peer, inputs))
    const callers = inputs.callers ?? new Set()
    const received = (inputs.peers ?? [])
      .filter((peer) => peer.node !== node)
      .slice(0, MAX_PEERS)
      .flatMap(({ node: peer, value }) => {
        const mayCall = callers.size === 0 || callers.has(peer.id)
        return hostProbes(inputs.addresses, value, inputs.interfaces, mayCall)
      })
    const within = callers.size === 1 && callers.has(node.id) ? callFromItself(inputs.addresses) : []
    const among = [...forwarded, ...received, ...within]
    if (among.length === 0) {
      return unavailable({
        code: 'undetermined',
        node: node.id,
        what: { en: 'pod networks and peers', zh: 'Pod 网络与对端节点' },
      })
    }
    const called = serverProbes(inputs.addresses, serversKnownTo(node.id, inputs.servers ?? []), inputs)
    const toService = own === undefined ? [] : serviceProbes(own, inputs.cluster?.services ?? [], inputs)
    const local = new Set(inputs.interfaces.flatMap((link) => link.addresses.map(({ address }) => address)))
    const sets = inputs.ipsets?.value
    const around: Surroundings = {
      isLocal: (address) => local.has(address),
      isInSet: (match, packet) => sets && ipsetMembership(sets, match, packet),
    }
    return available({ probes: [...among, ...called, ...toService], around })
  },
})

/** Networks of pods on other nodes; of the whole pod network a part that is not this node's, where no peer sent a bundle. */
function peerNetworks(
  node: NodeScope,
  own: Prefix | undefined,
  ofNodes: readonly OfNode<readonly CitedPrefix[]>[],
  whole: readonly CitedPrefix[],
): readonly Prefix[] {
  const known = ofNodes
    .filter((peer) => peer.node !== node)
    .flatMap(({ value }) => value.find(({ prefix }) => isV4(prefix.address)) ?? [])
    .map(({ prefix }) => prefix)
    .filter((prefix) => own === undefined || !prefixContains(prefix, own.address))
  if (known.length > 0 || own === undefined) return known.slice(0, MAX_PEERS)
  const around = whole.find(({ prefix }) => prefixContains(prefix, own.address) && prefix.length < own.length)
  return around === undefined ? [] : [{ address: neighbourOf(own), length: own.length }]
}

/** The network beside this one, within the prefix that is one bit shorter. */
function neighbourOf({ address, length }: Prefix): Address {
  return addressFromBigInt(addressToBigInt(address) ^ (1n << BigInt(32 - length)), 'v4')
}

interface Devices {
  readonly interfaces: readonly NodeInterface[]
  readonly routes: Routes | undefined
}

function podProbes(own: Prefix, peer: Prefix, devices: Devices): readonly Probe[] {
  const here = podAddress(own)
  const there = podAddress(peer)
  const fromPod = podDevice(here, devices)
  const toPod = deviceToPod(here, devices) ?? fromPod
  const outside = deviceTo(there, devices)
  const outbound = packetOf(here, there, 'tcp', POD_PORT, fromPod, outside)
  const inbound = packetOf(there, here, 'tcp', POD_PORT, outside, toPod)
  return [
    { kind: 'pod-to-pod', chain: 'FORWARD', packet: outbound },
    { kind: 'pod-to-pod', chain: 'FORWARD', packet: inbound },
    { kind: 'pod-to-service', chain: 'FORWARD', packet: { ...outbound, isDnat: true } },
  ]
}

/** From a pod to an address of Services, as it is before the DNAT. */
function serviceProbes(own: Prefix, services: readonly CitedPrefix[], devices: Devices): readonly Probe[] {
  const network = services.find(({ prefix }) => isV4(prefix.address))?.prefix
  if (network === undefined) return []
  const here = podAddress(own)
  const packet = packetOf(here, podAddress(network), 'tcp', POD_PORT, podDevice(here, devices), undefined)
  return [{ kind: 'pod-to-service', chain: 'PREROUTING', packet }]
}

/** An address that a plugin would give to a pod: not the network's first, nor the gateway behind it. */
function podAddress({ address, length }: Prefix): Address {
  const offset = prefixSize({ address, length }) > 8n ? 5n : 0n
  return addressFromBigInt(addressToBigInt(address) + offset, 'v4')
}

function deviceTo(address: Address, { routes }: Devices): string | undefined {
  return routes?.lookup(address)?.route?.device
}

/** Where a packet to a pod of this node is routed: not always the device that its own packets come by (Cilium's cilium_host). */
function deviceToPod(address: Address, { interfaces, routes }: Devices): string | undefined {
  const name = routes?.lookup(address)?.route?.device
  const device = interfaces.find((known) => known.name === name)
  return device?.role === 'cni' || device?.role === 'pod' ? name : undefined
}

/**
 * The device that a pod's packets come by: the bridge with the pods' gateway; where pods have a device each, any of them; where they
 * are ports of a bridge (Weave), the bridge. Containers that are no pods have bridges of their own.
 */
function podDevice(address: Address, { interfaces }: Devices): string | undefined {
  const bridge = interfaces.find(({ addresses }) =>
    addresses.some(({ address: held, prefixLength }) =>
      prefixContains({ address: held, length: prefixLength }, address),
    ),
  )
  if (bridge?.role === 'cni' && bridge.kind !== 'vxlan') return bridge.name
  const plugins = new Set(interfaces.filter(({ role }) => role === 'cni').map(({ name }) => name))
  const pod = interfaces.find(
    ({ role, master }) => role === 'pod' && (master === undefined || plugins.has(master)),
  )
  return pod?.master ?? pod?.name
}

function hostProbes(
  own: readonly NodeAddress[],
  peers: readonly NodeAddress[],
  interfaces: readonly NodeInterface[],
  mayCall: boolean,
): readonly Probe[] {
  const ways = own.flatMap(({ address, device, prefixLength }): Way[] => {
    if (device === undefined || prefixLength === undefined || !isV4(address)) return []
    const peer = peers.find((it) => prefixContains({ address, length: prefixLength }, it.address))
    return peer === undefined ? [] : [{ address, device, peer: peer.address }]
  })
  const [first] = ways
  if (first === undefined) return []
  const packet = packetOf(first.peer, first.address, 'tcp', KUBELET_PORT, first.device, '')
  const call: Probe = { kind: 'api-to-kubelet', chain: 'INPUT', packet }
  const tunnels = interfaces.flatMap(({ vxlan }) => {
    const way = vxlan?.local === undefined ? first : ways.find(({ address }) => address === vxlan.local)
    const port = vxlan?.destinationPort
    if (way === undefined || port === undefined) return []
    return [[`${way.address} ${port}`, tunnelProbes(way, port)] as const]
  })
  return [...(mayCall ? [call] : []), ...[...new Map(tunnels).values()].flat()]
}

/** An address of the node and one of a peer, on one network. */
interface Way {
  readonly address: Address
  readonly device: string
  readonly peer: Address
}

function tunnelProbes({ address, device, peer }: Way, port: number): Probe[] {
  return [
    { kind: 'overlay', chain: 'INPUT', packet: packetOf(peer, address, 'udp', port, device, '') },
    { kind: 'overlay', chain: 'OUTPUT', packet: packetOf(address, peer, 'udp', port, '', device) },
  ]
}

/** The only API server calls the kubelet beside it by the node's address, which goes over lo. */
function callFromItself(own: readonly NodeAddress[]): readonly Probe[] {
  const held = own.find(({ address, device }) => device !== undefined && isV4(address))
  if (held === undefined) return []
  const packet = packetOf(held.address, held.address, 'tcp', KUBELET_PORT, 'lo', '')
  return [{ kind: 'api-to-kubelet', chain: 'INPUT', packet }]
}

/** From the address that the kernel would take; the node's own API server is called over lo. */
function serverProbes(
  own: readonly NodeAddress[],
  servers: readonly ApiServerAddress[],
  { routes }: Devices,
): readonly Probe[] {
  const targets = new Map(servers.map((server) => [`${server.address} ${server.port ?? ''}`, server]))
  const held = own.filter(({ address, device }) => device !== undefined && isV4(address))
  return [...targets.values()].slice(0, MAX_PEERS).flatMap(({ address, port }): Probe[] => {
    if (port === undefined || !isV4(address)) return []
    const isOwn = held.some((known) => known.address === address)
    const route = routes?.lookup(address)?.route
    const device = isOwn ? 'lo' : route?.device
    const first = isOwn ? address : held.find((known) => known.device === device)?.address
    const source = route?.src ?? first
    if (device === undefined || source === undefined) return []
    return [
      { kind: 'node-to-api', chain: 'OUTPUT', packet: packetOf(source, address, 'tcp', port, '', device) },
    ]
  })
}

function packetOf(
  source: Address,
  destination: Address,
  protocol: string,
  destinationPort: number,
  inDevice: string | undefined,
  outDevice: string | undefined,
): Packet {
  return {
    source,
    destination,
    protocol,
    destinationPort,
    ctstate: 'NEW',
    isDnat: false,
    mark: NO_MARK,
    ...(inDevice !== undefined && { inDevice }),
    ...(outDevice !== undefined && { outDevice }),
  }
}
