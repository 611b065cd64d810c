import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, type Evidence, withNote } from '../../engine/evidence.ts'
import type { Inputs } from '../../engine/fact.ts'
import { type Found, type Subject, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { podPeers } from '../../facts/cluster/podPeers.ts'
import { type PeerWay, peerWays } from '../../facts/cluster/peerWays.ts'
import { routes } from '../../facts/node/routes.ts'
import { vteps } from '../../facts/node/vteps.ts'
import { vxlanTables } from '../../facts/node/vxlanTables.ts'
import { formatPrefix } from '../../net/prefix.ts'
import { captured } from '../../sources/captured.ts'
import { halfTuples } from './halfTuples.ts'
import { type TupleFault, tupleFault } from './peerTuple.ts'
import { type PeerTupleMissing, text } from './flannel-peer-tuple-missing.text.ts'

type Note = 'listing' | 'taken' | 'peer' | 'device' | 'destination' | 'half'

const needs = { table: captured.ipRoute, routes, peers: podPeers, ways: peerWays }
const wants = { vteps, tables: vxlanTables }

/**
 * A node lacks what it needs to send to the pods of a peer: with flannel’s VXLAN devices a route, a neighbour entry and a forwarding
 * entry for each (flannel pkg/backend/vxlan/vxlan_network.go, handleSubnetEvents), else a route by way of the peer’s own address. Without
 * a bundle of the peer the three are held against each other.
 */
export default defineRule({
  id: 'flannel-peer-tuple-missing',
  area: 'cni',
  severity: 'critical',
  references: [
    {
      title: 'flannel pkg/backend/vxlan/vxlan_network.go: one route, neighbour and FDB entry for each lease',
      url: 'https://github.com/flannel-io/flannel/blob/master/pkg/backend/vxlan/vxlan_network.go',
    },
  ],
  needs,
  wants,
  text,
  check(inputs, node) {
    const { table, peers, ways, routes, tables, vteps = [] } = inputs
    if (ways.isOtherPlugins(node.id)) return notApplicable('otherPlugin')
    const own = peers.find((peer) => peer.node === node.id)
    const known = ways.of(node.id)
    const faults = known.flatMap((way) => {
      const fault = tupleFault(way, vteps, routes, tables)
      return fault === undefined ? [] : [{ way, fault }]
    })
    const findings = [...byEntry(faults)].map((alike) => missingFor(alike, node.id, inputs))
    const others = peers.filter((peer) => peer !== own).flatMap(({ vteps }) => vteps)
    const halves = tables === undefined ? [] : halfTuples(vteps, others, routes, tables)
    const all = [...findings, ...halves.map((half) => brokenHalf(half, node.id))]
    if (all.length > 0) return all
    if (vteps.length > 0 && tables === undefined) return unchecked('noTables')
    // What a listing may lack that is not whole is reckoned by the engine.
    if (known.length > 0 || vteps.length > 0 || table.status !== 'ok') return []
    if (own === undefined || own.networks.length === 0) return notApplicable('noNetwork')
    return ways.hasStrangers(node.id) ? unchecked('strangers') : notApplicable('alone')
  },
})

interface Fault {
  readonly way: PeerWay
  readonly fault: TupleFault
}

/** Where a node lacks the same for many peers, that is one fault. */
function byEntry(faults: readonly Fault[]): Iterable<readonly Fault[]> {
  const alike = new Map<string, Fault[]>()
  for (const each of faults) {
    const key = `${each.fault.entry} ${each.fault.tunnel === undefined}`
    alike.set(key, [...(alike.get(key) ?? []), each])
  }
  return alike.values()
}

function missingFor(
  alike: readonly Fault[],
  node: string,
  inputs: Inputs<typeof needs, typeof wants>,
): Found<PeerTupleMissing, Note> {
  const [first] = alike
  const { entry = 'route', tunnel, forwarding } = first?.fault ?? {}
  const peers = alike.map(({ way }) => ({
    node: way.peer.node,
    network: formatPrefix(way.network.prefix),
    address: way.peer.vteps[0]?.device.vxlan?.local ?? [...way.peer.addresses][0] ?? '',
    ...(way.peer.vteps[0] && { tunnelAddress: way.peer.vteps[0].address, mac: way.peer.vteps[0].mac }),
  }))
  const isFarApart = alike.some(({ way }) => way.isFarApart)
  const about: Subject[] = alike.flatMap(({ way }): Subject[] => [
    `network:${formatPrefix(way.network.prefix)}`,
    `node:${way.peer.node}`,
  ])
  return found<PeerTupleMissing, Note>(
    {
      kind: 'peers',
      node,
      entry,
      peers,
      isFarApart,
      ...(tunnel && { device: tunnel.own.device.name }),
      ...(forwarding && { destination: forwarding.dst }),
    },
    {
      subject: peers.length === 1 ? `${entry}/${peers[0]?.network ?? ''}` : entry,
      confidence: isFarApart ? 'possible' : 'certain',
      severity: isFarApart ? 'high' : 'critical',
      evidence: [...listingEvidence(entry, alike, inputs), ...alike.slice(0, 3).flatMap(peerEvidence)],
      nodes: alike.map(({ way }) => way.peer.node),
      about: [`node:${node}`, ...about],
    },
  )
}

/** Where the entry would stand; of a route that is missing also the one that takes the packets. */
function listingEvidence(
  entry: TupleFault['entry'],
  alike: readonly Fault[],
  { table, tables }: Inputs<typeof needs, typeof wants>,
): (Citation<Note> | Evidence)[] {
  const [first] = alike
  if (first?.fault.forwarding !== undefined) {
    return [withNote<Note>(first.fault.forwarding.origin, 'destination', first.way.peer.node)]
  }
  if (entry === 'neighbour' && tables) return [withNote<Note>(tables.neighbourListing, 'listing')]
  if (entry === 'forwarding' && tables) return [withNote<Note>(tables.forwardingListing, 'listing')]
  const taken = first?.way.way.kind === 'none' ? first.way.way.answer?.route : undefined
  const listing = withNote<Note>(table.cite({ number: 0, text: '' }), 'listing')
  return taken === undefined ? [listing] : [listing, withNote<Note>(taken.origin, 'taken')]
}

function peerEvidence({ way, fault }: Fault): Citation<Note>[] {
  const network = withNote<Note>(way.network.origin, 'peer', way.peer.node)
  const device = fault.tunnel?.peer.device.origin
  return device === undefined ? [network] : [network, withNote<Note>(device, 'device', way.peer.node)]
}

function brokenHalf(
  half: ReturnType<typeof halfTuples>[number],
  node: string,
): Found<PeerTupleMissing, Note> {
  const { entry, address, device, origins } = half
  return found<PeerTupleMissing, Note>(
    { kind: 'half', node, entry, device, address },
    {
      subject: `${entry}/${address}`,
      confidence: 'likely',
      severity: 'high',
      evidence: origins.map((origin) => withNote<Note>(origin, 'half')),
      about: [`node:${node}`],
    },
  )
}
