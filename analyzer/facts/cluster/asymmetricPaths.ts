import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineClusterFact, eachNode, valueOfNode } from '../../engine/fact.ts'
import { type Address, addressFromBigInt, addressToBigInt, isV4 } from '../../net/address.ts'
import { type Prefix, prefixContains, prefixSize } from '../../net/prefix.ts'
import { type NodeInterface, interfaces } from '../node/interfaces.ts'
import { linkKin } from '../node/linkKin.ts'
import { podNetworks } from '../node/podNetworks.ts'
import type { RouteOfNode } from '../node/routeLookup.ts'
import { type Routes, routes } from '../node/routes.ts'
import { sharedNetworks } from './sharedNetworks.ts'

/** Packets that come in by one interface and would be answered by another one. */
export interface AsymmetricPath {
  /** Id of the node that they come to. */
  readonly node: string
  /** The interface that they come in by. */
  readonly device: NodeInterface
  /** Id of the node that sends them. */
  readonly peer: string
  /** Their sources: an address of the peer, or the network of its pods. */
  readonly sources: Prefix
  /** Left out where there is no way back at all. */
  readonly back?: RouteOfNode
  /** Why they come that way: the peer's route. */
  readonly forth: Evidence
}

interface Known {
  readonly id: string
  readonly devices: readonly NodeInterface[]
  readonly routes: Routes
}

/** A packet of a peer, and the interface by which it arrives. */
interface Arrival {
  readonly source: Address
  readonly destination: Address
  readonly sources: Prefix
  readonly device: NodeInterface
  readonly forth: Evidence
}

/**
 * The ways between the nodes of the case that are not the same forth and back, by the routes of both ends: of the peers' own addresses on
 * networks that nodes share, and of their pods (by a gateway, or through the overlay). A strict reverse path filter drops what comes so
 * (RFC 3704; net/ipv4/fib_frontend.c, __fib_validate_source). IPv4 alone, as the filter is.
 */
export const asymmetricPaths = defineClusterFact({
  name: 'ways forth and back',
  needs: {
    interfaces: eachNode(interfaces),
    routes: eachNode(routes),
    podNetworks: eachNode(podNetworks),
    networks: sharedNetworks,
  },
  compute({ interfaces, routes, podNetworks, networks }): Availability<readonly AsymmetricPath[]> {
    const nodes = interfaces.flatMap(({ node, value }): Known[] => {
      const known = valueOfNode(routes, node.id)
      return known === undefined ? [] : [{ id: node.id, devices: value, routes: known }]
    })
    const podsOf = (id: string): readonly Prefix[] =>
      (valueOfNode(podNetworks, id) ?? []).map(({ prefix }) => prefix).filter(({ address }) => isV4(address))
    const paths: AsymmetricPath[] = []
    for (const node of nodes) {
      for (const peer of nodes) {
        if (peer.id === node.id) continue
        const arrivals = [
          ...networks.flatMap(({ prefix, members }) => arrivalsOnLink(prefix, members, peer, node)),
          ...podsOf(peer.id).flatMap((pods) => arrivalOfPods(pods, podsOf(node.id), peer, node) ?? []),
        ]
        paths.push(...arrivals.flatMap((arrival) => asymmetry(arrival, peer, node) ?? []))
      }
    }
    return available(paths)
  },
})

type Member = { readonly node: string; readonly device: NodeInterface }

/** What the peer sends from its address on a shared network to the node's address there. */
function arrivalsOnLink(prefix: Prefix, members: readonly Member[], peer: Known, node: Known): Arrival[] {
  if (!isV4(prefix.address)) return []
  const arrivals: Arrival[] = []
  for (const from of members.filter((member) => member.node === peer.id)) {
    for (const to of members.filter((member) => member.node === node.id)) {
      const source = addressIn(from.device, prefix)
      const destination = addressIn(to.device, prefix)
      if (source === undefined || destination === undefined) continue
      const route = peer.routes.lookup(destination, source)?.route
      if (route === undefined || !linkKin(peer.devices, from.device.name).has(route.device ?? '')) continue
      const sources = { address: source, length: 32 }
      arrivals.push({ source, destination, sources, device: to.device, forth: route.origin })
    }
  }
  return arrivals
}

function addressIn({ addresses }: NodeInterface, prefix: Prefix): Address | undefined {
  return addresses.find(
    ({ address, prefixLength }) =>
      prefixLength === prefix.length && isV4(address) && prefixContains(prefix, address),
  )?.address
}

/** What a pod of the peer sends to a pod of the node: by way of an address of the node, or through the overlay of both. */
function arrivalOfPods(
  pods: Prefix,
  podsOfNode: readonly Prefix[],
  peer: Known,
  node: Known,
): Arrival | undefined {
  const source = firstPod(pods)
  const destination = podsOfNode.map(firstPod).find((address) => address !== undefined)
  if (source === undefined || destination === undefined) return undefined
  const route = peer.routes.lookup(destination)?.route
  if (route?.type !== 'unicast') return undefined
  const device = arrivesBy(route, peer, node)
  return device && { source, destination, sources: pods, device, forth: route.origin }
}

function arrivesBy({ device, via }: RouteOfNode, peer: Known, node: Known): NodeInterface | undefined {
  const sender = peer.devices.find(({ name }) => name === device)
  if (sender?.role === 'cni' && sender.kind !== 'bridge') {
    return node.devices.find(
      ({ name, kind, flags }) => name === device && kind === sender.kind && flags.has('UP'),
    )
  }
  return node.devices.find(
    ({ role, addresses }) => role === 'host' && addresses.some(({ address }) => address === via),
  )
}

function asymmetry(
  { source, destination, sources, device, forth }: Arrival,
  peer: Known,
  node: Known,
): AsymmetricPath | undefined {
  const back = node.routes.lookup(source, destination)?.route
  const isBack = back?.type === 'unicast'
  const devices = [back?.device, ...(back?.nexthops ?? []).map((nexthop) => nexthop.device)]
  const kin = linkKin(node.devices, device.name)
  if (isBack && devices.some((name) => name !== undefined && kin.has(name))) return undefined
  return { node: node.id, device, peer: peer.id, sources, forth, ...(isBack && { back }) }
}

/** The first address behind the gateway's. */
function firstPod(prefix: Prefix): Address | undefined {
  if (!isV4(prefix.address) || prefixSize(prefix) < 4n) return undefined
  return addressFromBigInt(addressToBigInt(prefix.address) + 2n, 'v4')
}
