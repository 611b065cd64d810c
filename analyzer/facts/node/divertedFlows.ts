import { type Availability, available } from '../../engine/availability.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { type Address, isLinkLocal, isV4 } from '../../net/address.ts'
import type { Prefix } from '../../net/prefix.ts'
import { podPeers } from '../cluster/podPeers.ts'
import { type NodeInterface, interfaces } from './interfaces.ts'
import { nodeAddresses } from './nodeAddresses.ts'
import {
  type RouteOfNode,
  type RouteWay,
  type RoutedPacket,
  type RuleOfNode,
  lookUpRoute,
  routingPolicy,
  tableName,
  waysOf,
} from './routeLookup.ts'
import { routes } from './routes.ts'
import { podAddressOf } from './wayToPods.ts'

/** Packets of the pod network that a policy rule takes away from the route that is for them. */
export interface DivertedFlow {
  /** Who sends: the node itself, a pod of it, or a pod of another node. */
  readonly from: 'node' | 'pods' | 'peers'
  /** Whose pods are meant: the node’s own, or those of other nodes. */
  readonly to: 'own' | 'others'
  readonly source: Address
  /** The destination of the route in the main table. */
  readonly network: Prefix
  /** Pods of another node at either end; left out where both ends are of this node. */
  readonly peers?: Prefix
  /** The route in the main table, as it would be without policy rules. */
  readonly meant: RouteOfNode
  readonly rule: RuleOfNode
  /** Left out where the rule itself refuses. */
  readonly taken?: RouteOfNode
  /** `blackhole`, `unreachable` or `prohibit`; left out where the packet leaves elsewhere. */
  readonly refusal?: string
  /** Where it leaves; left out where it is refused. */
  readonly device?: NodeInterface
  readonly via?: Address
  /** An earlier rule asks for what is not known of the packet (a port, a protocol), and may let it pass. */
  readonly isUndecided: boolean
}

/** What is known of the packets that policy rules are held against. */
export interface DivertedFlows {
  /** Routes to pods stand in the main table. */
  readonly hasPods: boolean
  readonly flows: readonly DivertedFlow[]
}

/** A route to pods in the main table, and an address behind it. */
interface End {
  readonly route: RouteOfNode
  readonly device: NodeInterface
  readonly address: Address
}

interface Probe {
  readonly from: DivertedFlow['from']
  readonly to: DivertedFlow['to']
  readonly packet: RoutedPacket & { readonly source: Address }
  readonly meant: RouteOfNode
  readonly peers?: Prefix
}

const KERNEL_TABLES: ReadonlySet<string> = new Set(['local', 'main', 'default'])
const REFUSING: ReadonlySet<string> = new Set(['blackhole', 'unreachable', 'prohibit'])
/** Protocols of the routes that Calico’s BIRD and Felix write (Felix: RoutingProtocol 80). */
const CALICO_ROUTES: ReadonlySet<string> = new Set(['bird', '80'])

/**
 * Packets between the node, its pods and those of other nodes that policy rules send elsewhere than the routes that the network plugin
 * put into the main table. Each packet is looked up twice, with the node’s rules and with the kernel’s own three. What ends on a device
 * of the plugin, whichever table says so, is as meant (AWS, Cilium, Calico’s WireGuard). Packets are taken as unmarked.
 */
export const divertedFlows = defineNodeFact({
  name: 'packets that policy rules divert',
  needs: { routes, interfaces, addresses: nodeAddresses },
  wants: { peers: podPeers },
  compute({ routes, interfaces, addresses, peers }, node): Availability<DivertedFlows> {
    const foreign = routes.rules.filter(
      ({ action, table }) => action !== 'lookup' || !KERNEL_TABLES.has(tableName(table ?? '')),
    )
    const others = (peers ?? []).filter((peer) => peer.node !== node.id)
    const isPeer = (address: Address) => others.some((peer) => peer.addresses.has(address))
    const ends = endsOf(routes.all, interfaces, isPeer)
    if (foreign.length === 0)
      return available({ hasPods: ends.own.length + ends.others.length > 0, flows: [] })

    const plain = routingPolicy(routes.all)
    const held = addresses.flatMap(({ address, device }) => (device === undefined ? [] : [address]))
    const flows = (['v4', 'v6'] as const).flatMap((family) => {
      const isKin = (address: Address) => isV4(address) === (family === 'v4')
      return probesOf(
        ends.own.filter(({ address }) => isKin(address)),
        ends.others.filter(({ address }) => isKin(address)),
        held.filter(isKin),
      )
    })
    return available({
      hasPods: ends.own.length + ends.others.length > 0,
      flows: flows.flatMap((probe): DivertedFlow[] => {
        if (lookUpRoute(plain, probe.packet).answer?.route !== probe.meant) return []
        const { answer, undecided } = routes.route(probe.packet)
        const { rule, route } = answer ?? {}
        if (rule === undefined || route === probe.meant) return []
        const { from, to, meant, peers: end } = probe
        const flow = {
          from,
          to,
          source: probe.packet.source,
          network: meant.destination,
          meant,
          rule,
          isUndecided: undecided.length > 0,
          ...(end && { peers: end }),
          ...(route && { taken: route }),
        }
        const refusal = route === undefined ? rule.action : route.type
        if (REFUSING.has(refusal)) return [{ ...flow, refusal }]
        const way = route && waysOf(route)[0]
        if (way === undefined || isSame(way, meant) || (way.via !== undefined && isPeer(way.via))) return []
        const device = interfaces.find(({ name }) => name === way.device)
        if (device?.role !== 'host' && device?.role !== 'container-bridge') return []
        return [{ ...flow, device, ...(way.via && { via: way.via }) }]
      }),
    })
  },
})

function isSame({ device, via }: RouteWay, meant: RouteOfNode): boolean {
  return waysOf(meant).some((way) => way.device === device && way.via === via)
}

/** Routes to the node’s own pods lead to their links or their bridge; those to pods of others into a tunnel, or to a peer. */
function endsOf(
  all: readonly RouteOfNode[],
  interfaces: readonly NodeInterface[],
  isPeer: (address: Address) => boolean,
): { readonly own: readonly End[]; readonly others: readonly End[] } {
  const own: End[] = []
  const others: End[] = []
  for (const route of all) {
    const { destination, table, type, via, protocol, device: name } = route
    if (tableName(table) !== 'main' || type !== 'unicast' || destination.length === 0) continue
    if (isLinkLocal(destination.address)) continue
    const device = interfaces.find((known) => known.name === name)
    if (device === undefined) continue
    const end = { route, device, address: podAddressOf(destination) }
    const isPlugins = device.role === 'cni' || device.role === 'pod'
    if (via === undefined) {
      if (isPlugins) own.push(end)
    } else if (isPlugins || isPeer(via) || CALICO_ROUTES.has(protocol ?? '')) others.push(end)
  }
  return { own, others }
}

/** All ends at least once as source and as destination; not every pair of them. */
function probesOf(own: readonly End[], others: readonly End[], held: readonly Address[]): Probe[] {
  const probes: Probe[] = []
  for (const end of own) {
    const bridge = addressOf(end.device, end.address)
    for (const source of new Set([...held, ...(bridge ? [bridge] : [])])) {
      probes.push({ from: 'node', to: 'own', packet: packetOf(source, end.address, 'lo'), meant: end.route })
    }
    const neighbour = own.find(({ device }) => device !== end.device)
    if (neighbour) {
      const packet = packetOf(neighbour.address, end.address, neighbour.device.name)
      probes.push({ from: 'pods', to: 'own', packet, meant: end.route })
    }
  }
  const [firstOwn] = own
  const [firstOther] = others
  if (firstOther === undefined) return probes
  for (const end of others) {
    const source = end.route.src ?? addressOf(end.device, end.address) ?? held[0]
    const peers = end.route.destination
    if (source !== undefined) {
      const packet = packetOf(source, end.address, 'lo')
      probes.push({ from: 'node', to: 'others', packet, meant: end.route, peers })
    }
  }
  const pairs = [
    ...others.flatMap((other) => (firstOwn ? [{ pod: firstOwn, other }] : [])),
    ...own.slice(1).map((pod) => ({ pod, other: firstOther })),
  ]
  for (const { pod, other } of pairs) {
    const peers = other.route.destination
    const out = packetOf(pod.address, other.address, pod.device.name)
    const back = packetOf(other.address, pod.address, other.device.name)
    probes.push({ from: 'pods', to: 'others', packet: out, meant: other.route, peers })
    probes.push({ from: 'peers', to: 'own', packet: back, meant: pod.route, peers })
  }
  return probes
}

function packetOf(source: Address, destination: Address, iif: string): Probe['packet'] {
  return { source, destination, iif, mark: 0 }
}

/** What the node takes as source towards this device: the device’s own address of that family. */
function addressOf({ addresses }: NodeInterface, kin: Address): Address | undefined {
  return addresses.find(({ address }) => isV4(address) === isV4(kin) && !isLinkLocal(address))?.address
}
