import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import type { Inputs } from '../../engine/fact.ts'
import { type Found, type Subject, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { clusterMates } from '../../facts/cluster/clusterMates.ts'
import { type PeerWay, peerWays } from '../../facts/cluster/peerWays.ts'
import { type PodPeer, podPeers } from '../../facts/cluster/podPeers.ts'
import { type NodeInterface, interfaces } from '../../facts/node/interfaces.ts'
import { type RouteOfNode, tableName, waysOf } from '../../facts/node/routeLookup.ts'
import { type Routes, routes } from '../../facts/node/routes.ts'
import { vteps } from '../../facts/node/vteps.ts'
import { tunnelBetween } from '../../facts/node/wayToPods.ts'
import type { Address } from '../../net/address.ts'
import { type Prefix, formatPrefix, prefixContains } from '../../net/prefix.ts'
import { type RouteMismatch, text } from './route-lookup-mismatch.text.ts'

type Note = 'route' | 'peer' | 'owner'

const needs = { routes, interfaces, peers: podPeers, mates: clusterMates, ways: peerWays }
const wants = { vteps }

const REFUSALS: ReadonlySet<string> = new Set(['blackhole', 'unreachable', 'prohibit'])

/**
 * A route takes what is for a peer, or for its pods, and refuses it or leads elsewhere. Reproduced: a `blackhole` gives EINVAL to the
 * node’s own processes and silence to pods, `prohibit` EACCES, `unreachable` EHOSTUNREACH. That no route is there at all is
 * told by flannel-peer-tuple-missing; where a policy rule leads elsewhere, by policy-routing-hijack.
 */
export default defineRule({
  id: 'route-lookup-mismatch',
  area: 'routing',
  severity: 'critical',
  references: [
    { title: 'ip-route(8): unreachable, blackhole, prohibit and throw routes' },
    { title: 'Linux net/ipv4/fib_semantics.c, fib_props: the error of each type of route' },
  ],
  needs,
  wants,
  text,
  check(inputs, node) {
    const { peers, mates, ways } = inputs
    const others = peers.filter((peer) => peer.node !== node.id)
    const known = others.filter((peer) => mates.of(node.id, peer.node) === true)
    if (known.length === 0) {
      const hasStrangers = others.some((peer) => mates.of(node.id, peer.node) === undefined)
      return hasStrangers ? unchecked('strangers') : notApplicable('alone')
    }
    return [
      ...ways.of(node.id).flatMap((way) => wrongForPods(way, node.id, inputs)),
      ...known.flatMap((peer) => wrongForNode(peer, node.id, inputs)),
    ]
  },
})

function wrongForPods(
  { peer, network, way, isRouted }: PeerWay,
  node: string,
  { routes, interfaces, peers, vteps = [] }: Inputs<typeof needs, typeof wants>,
): Found<RouteMismatch, Note>[] {
  const route = way.kind === 'elsewhere' ? way.answer.route : undefined
  if (route === undefined) return []
  const name = formatPrefix(network.prefix)
  const data = { node, peer: peer.node, target: name, isPods: true, ...tableOf(route) } as const
  const about: Subject[] = [`node:${node}`, `node:${peer.node}`, `network:${name}`]
  const proof = (confidence: 'certain' | 'likely') => ({
    subject: name,
    confidence,
    nodes: [peer.node],
    about,
    evidence: [withNote<Note>(route.origin, 'route'), withNote<Note>(network.origin, 'peer', peer.node)],
  })
  if (REFUSALS.has(route.type)) return [found({ ...data, refusal: route.type }, proof('certain'))]
  const isExpectedElsewhere =
    isRouted || tunnelBetween(vteps, peer.vteps, network.prefix.address) !== undefined
  if (!isExpectedElsewhere) return []
  // One address of the network on an interface of this node takes that address alone.
  if (route.type === 'local') {
    return route.destination.length > network.prefix.length
      ? []
      : [found({ ...data, refusal: route.type }, proof('certain'))]
  }
  const [taken] = waysOf(route)
  const device = interfaces.find((known) => known.name === taken?.device)
  if (taken === undefined || device === undefined || isOwnNetwork(device, network.prefix)) return []
  const owner = peers.find(
    ({ node: id, addresses }) => id !== node && taken.via !== undefined && addresses.has(taken.via),
  )
  if (owner !== undefined && isRouter(taken.via, peer, routes)) return []
  const isCertain = device.role === 'container-bridge'
  return [
    found(
      {
        ...data,
        device: device.name,
        ...(taken.via && { via: taken.via }),
        ...(owner && { owner: owner.node }),
      },
      proof(isCertain ? 'certain' : 'likely'),
    ),
  ]
}

/** Two nodes with one network of pods are another rule's; a pod of this node may have an address of any network. */
function isOwnNetwork({ role, addresses }: NodeInterface, network: Prefix): boolean {
  return (
    role === 'pod' || (role === 'cni' && addresses.some(({ address }) => prefixContains(network, address)))
  )
}

function tableOf({ table, destination }: RouteOfNode): Pick<RouteMismatch, 'table' | 'destination'> {
  return { table: tableName(table), destination: formatPrefix(destination) }
}

/** What leads to the peer itself may lead to its pods as well. */
function isRouter(via: Address | undefined, peer: PodPeer, routes: Routes): boolean {
  return [...peer.addresses].some((address) => {
    const route = routes.lookup(address)?.route
    return route !== undefined && route.destination.length > 0 && waysOf(route).some((way) => way.via === via)
  })
}

function wrongForNode(
  peer: PodPeer,
  node: string,
  { routes, interfaces }: Inputs<typeof needs, typeof wants>,
): Found<RouteMismatch, Note>[] {
  return [...peer.addresses].flatMap((address) => {
    const { route } = routes.lookup(address) ?? {}
    if (route === undefined || !isShared(address, interfaces)) return []
    const [taken] = waysOf(route)
    const device = interfaces.find(({ name }) => name === taken?.device)
    const isRefused = REFUSALS.has(route.type)
    if (!isRefused && device?.role !== 'container-bridge') return []
    const data = { node, peer: peer.node, target: address, isPods: false, ...tableOf(route) }
    return [
      found<RouteMismatch, Note>(
        { ...data, ...(isRefused ? { refusal: route.type } : { device: device?.name ?? '' }) },
        {
          subject: address,
          confidence: 'certain',
          nodes: [peer.node],
          about: [`node:${node}`, `node:${peer.node}`, `address:${address}`],
          evidence: [withNote<Note>(route.origin, 'route'), ...ownerEvidence(route, device)],
        },
      ),
    ]
  })
}

function ownerEvidence(route: RouteOfNode, device: NodeInterface | undefined) {
  if (device === undefined || device.origin === route.origin) return []
  return [withNote<Note>(device.origin, 'owner', device.name)]
}

/** In a network that the node has a host interface in: whatever leads elsewhere takes the peer away from its own link. */
function isShared(address: Address, interfaces: readonly NodeInterface[]): boolean {
  return interfaces.some(
    ({ role, addresses }) =>
      role === 'host' &&
      addresses.some((held) => prefixContains({ address: held.address, length: held.prefixLength }, address)),
  )
}
