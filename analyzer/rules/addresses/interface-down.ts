import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, type Evidence, withNote } from '../../engine/evidence.ts'
import { type Inputs, type OfNode, eachNode, valueOfNode } from '../../engine/fact.ts'
import { type Found, type Subject, found } from '../../engine/verdict.ts'
import { addressOwners } from '../../facts/cluster/addressOwners.ts'
import { clusterMates } from '../../facts/cluster/clusterMates.ts'
import { peerWays } from '../../facts/cluster/peerWays.ts'
import { type AddressOfInterface, type NodeInterface, interfaces } from '../../facts/node/interfaces.ts'
import { isPodPort } from '../../facts/node/isPodPort.ts'
import { kubeletAddress } from '../../facts/node/kubeletAddress.ts'
import { podNetworks } from '../../facts/node/podNetworks.ts'
import { waysOf } from '../../facts/node/routeLookup.ts'
import { type Routes, routes } from '../../facts/node/routes.ts'
import { vxlanConflicts } from '../../facts/node/vxlanConflicts.ts'
import { podAddressOf } from '../../facts/node/wayToPods.ts'
import { type Address, isLinkLocal, isLoopback } from '../../net/address.ts'
import { formatPrefix, prefixContains, prefixOf } from '../../net/prefix.ts'
import { type InterfaceDown, text } from './interface-down.text.ts'
import { pathBetween } from './pathBetween.ts'

type Note =
  'down' | 'noCarrier' | 'address' | 'named' | 'underlay' | 'gateway' | 'port' | 'bridge' | 'outside'
type Fault = Found<InterfaceDown, Note>

const MOST_CITED = 4
/** Bridges of network plugins, where the capture lacks the kind (`ip addr` without -d). */
const BRIDGE = /^(?:cni\d+|cbr\d+|kube-bridge|weave)$/
/** containerd and CRI-O name a pod's network namespace so (`cni-` and a UUID). */
const NETNS_OF_POD = /^cni-[0-9a-f]/

const needs = { interfaces }
// Taken from each node: routes and sockets that are cut off hide no interface.
const wants = {
  kubelet: kubeletAddress,
  networks: podNetworks,
  ports: eachNode(vxlanConflicts),
  tables: eachNode(routes),
  owners: addressOwners,
  mates: clusterMates,
  ways: peerWays,
}
type Known = Inputs<typeof needs, typeof wants>

/**
 * An interface that the node or its pods need is down, or has no carrier (IFF_UP, IFF_RUNNING of net/core/dev.c), or is not where it
 * belongs. Reproduced: pods behind a bridge that is down reach nothing, nor do those whose link stands outside of it.
 */
export default defineRule({
  id: 'interface-down',
  area: 'addresses',
  severity: 'critical',
  references: [
    {
      title: 'Linux Documentation/networking/operstates.rst',
      url: 'https://docs.kernel.org/networking/operstates.html',
    },
    { title: 'Linux net/bridge/br_device.c, br_dev_stop; net/bridge/br_if.c' },
    { title: 'containernetworking/plugins plugins/main/bridge/bridge.go, setupVeth' },
  ],
  needs,
  wants,
  text,
  check(known, node) {
    const peers = (known.tables ?? []).filter(
      (each) => each.node.id !== node.id && known.mates?.of(node.id, each.node.id) !== false,
    )
    const own = valueOfNode(known.tables ?? [], node.id)
    return [
      ...known.interfaces.flatMap((device) => [
        ...uplinkDown(device, node.id, known, peers),
        ...bridgeDown(device, node.id, known),
        ...tunnelDown(device, node.id, known, peers),
        ...portsDown(device, node.id, known),
      ]),
      ...portsOutside(node.id, known, own),
    ]
  },
})

function isUp({ flags }: NodeInterface): boolean {
  return flags.has('UP')
}

/** A link that waits (802.1X) has a carrier, though it is not running. */
function hasNoCarrier({ flags }: NodeInterface): boolean {
  return flags.has('UP') && flags.has('NO-CARRIER') && !flags.has('LOWER_UP')
}

function isUsable(device: NodeInterface): boolean {
  return isUp(device) && !hasNoCarrier(device)
}

function globalsOf({ addresses }: NodeInterface): readonly AddressOfInterface[] {
  return addresses.filter(({ address }) => !isLinkLocal(address) && !isLoopback(address))
}

/** An address of the node, and what proves that others use it. */
interface Use {
  readonly held: AddressOfInterface
  readonly proofs: readonly Citation<Note>[]
}

/** The card, bond or bridge with the address that the node is reached by. */
function uplinkDown(
  device: NodeInterface,
  node: string,
  known: Known,
  peers: readonly OfNode<Routes>[],
): Fault[] {
  if (device.role !== 'host' || device.kind === 'dummy' || isUsable(device)) return []
  const live = known.interfaces.filter((other) => other.role === 'host' && isUsable(other)).flatMap(globalsOf)
  // A node answers for all its addresses on all its interfaces: one in the same network takes over.
  const cutOff = globalsOf(device).filter(
    ({ address }) =>
      !live.some((other) => prefixContains(prefixOf(other.address, other.prefixLength), address)),
  )
  const uses = cutOff.flatMap((held) => useOf(held, device, known, peers, node) ?? [])
  // The only address that the node has on its network is the one that it is reached by.
  const [use] = uses.length > 0 || live.length > 0 ? uses : cutOff.map((held): Use => ({ held, proofs: [] }))
  if (use === undefined) return []
  const { held, proofs } = use
  return [
    found<InterfaceDown, Note>(
      { kind: 'uplink', node, device: device.name, address: held.address, isUp: isUp(device) },
      {
        subject: device.name,
        confidence: proofs.length > 0 ? 'certain' : 'likely',
        evidence: [
          withNote<Note>(device.origin, isUp(device) ? 'noCarrier' : 'down'),
          withNote<Note>(held.origin, 'address'),
          ...proofs,
        ],
        about: [
          `node:${node}`,
          `device:${node}/${device.name}`,
          'network:0.0.0.0/0',
          ...cutOff.map(({ address }): Subject => `address:${address}`),
          ...networksOf(known),
          ...[...(known.owners?.keys() ?? [])].map((other) => pathBetween(held.address, other)),
        ],
      },
    ),
  ]
}

/** Who reaches the node by this address: the API server, flannel's tunnel, or a peer on the way to its pods. */
function useOf(
  held: AddressOfInterface,
  device: NodeInterface,
  { kubelet, interfaces, ways }: Known,
  peers: readonly OfNode<Routes>[],
  node: string,
): Use | undefined {
  const { address } = held
  const named = kubelet?.address === address ? kubelet.origin : undefined
  const tunnel = interfaces.find(
    ({ role, name, vxlan, flags }) =>
      role === 'cni' &&
      flags.has('UP') &&
      !isLeftover(name, ways?.isOtherPlugins(node)) &&
      (vxlan?.local === address || vxlan?.device === device.name),
  )
  const underlay = tunnel?.vxlanOrigin
  const gateway = routeBy(address, peers)
  const proofs = [
    ...(named ? [withNote<Note>(named, 'named', address)] : []),
    ...(underlay ? [withNote<Note>(underlay, 'underlay', tunnel?.name ?? '')] : []),
    ...(gateway ? [withNote<Note>(gateway.origin, 'gateway', gateway.node)] : []),
  ]
  return proofs.length === 0 ? undefined : { held, proofs }
}

/** What flannel left behind carries nothing where another plugin does. */
function isLeftover(device: string, isOtherPlugins = false): boolean {
  return isOtherPlugins && device.startsWith('flannel')
}

/** A route of a peer that has this address as gateway of a network: not its default route, which any router may be. */
function routeBy(
  address: Address,
  peers: readonly OfNode<Routes>[],
): { readonly origin: Evidence; readonly node: string } | undefined {
  for (const { node, value } of peers) {
    const route = value.all.find(
      (each) => each.destination.length > 0 && waysOf(each).some(({ via }) => via === address),
    )
    if (route !== undefined) return { origin: route.origin, node: node.id }
  }
  return undefined
}

/** A network plugin's bridge that is down under pods whose own links are up. */
function bridgeDown(device: NodeInterface, node: string, known: Known): Fault[] {
  if (!isPluginBridge(device) || isUp(device)) return []
  const pods = known.interfaces.filter(
    (port) => port.master === device.name && isPodPort(port) && isUsable(port),
  )
  const [pod] = pods
  if (pod === undefined) return []
  return [
    found<InterfaceDown, Note>(
      { kind: 'bridge', node, device: device.name, pods: pods.length },
      {
        subject: device.name,
        confidence: 'certain',
        evidence: [withNote<Note>(device.origin, 'down'), withNote<Note>(pod.origin, 'port', pods.length)],
        about: [`device:${node}/${device.name}`, ...networksOf(known)],
      },
    ),
  ]
}

function isPluginBridge({ role, kind, name }: NodeInterface): boolean {
  return role === 'cni' && (kind === undefined ? BRIDGE.test(name) : kind === 'bridge')
}

/** A VXLAN device that is down, while a peer sends to the node's pods by its address. */
function tunnelDown(
  device: NodeInterface,
  node: string,
  { networks, ports, ways }: Known,
  peers: readonly OfNode<Routes>[],
): Fault[] {
  if (device.role !== 'cni' || device.vxlan === undefined || isUp(device)) return []
  // Where its port is taken, vxlan-port-conflict-or-blocked says so.
  const { conflicts } = valueOfNode(ports ?? [], node) ?? { conflicts: [] }
  if (conflicts.some((conflict) => conflict.device.name === device.name)) return []
  if (isLeftover(device.name, ways?.isOtherPlugins(node))) return []
  const own = new Set(device.addresses.map(({ address }) => address))
  for (const peer of peers) {
    for (const { prefix } of networks ?? []) {
      const route = peer.value.lookup(podAddressOf(prefix))?.route
      if (route === undefined || !waysOf(route).some(({ via }) => via !== undefined && own.has(via))) continue
      return [
        found<InterfaceDown, Note>(
          { kind: 'tunnel', node, device: device.name, peer: peer.node.id },
          {
            subject: device.name,
            confidence: 'certain',
            evidence: [
              withNote<Note>(device.origin, 'down'),
              withNote<Note>(route.origin, 'gateway', peer.node.id),
            ],
            about: [`node:${node}`, `device:${node}/${device.name}`, ...networksOf({ networks })],
          },
        ),
      ]
    }
  }
  return []
}

/** Pods' links on a plugin's bridge that somebody set down: the plugin sets them up, and a pod's end takes them with it. */
function portsDown(bridge: NodeInterface, node: string, { interfaces }: Known): Fault[] {
  if (!isPluginBridge(bridge)) return []
  const down = interfaces.filter(
    (port) => port.master === bridge.name && isPodPort(port) && !isUp(port) && port.linkNetns !== undefined,
  )
  if (down.length === 0) return []
  return [
    found<InterfaceDown, Note>(
      { kind: 'ports', node, bridge: bridge.name, devices: down.map(({ name }) => name) },
      {
        subject: `${bridge.name}/down`,
        severity: 'high',
        confidence: 'likely',
        evidence: down.slice(0, MOST_CITED).map(({ origin }) => withNote<Note>(origin, 'down')),
        about: down.map(({ name }): Subject => `device:${node}/${name}`),
      },
    ),
  ]
}

/**
 * Links that look like those of pods on a bridge, but are in none. Nothing else leads to what is at their far end: no address, no route.
 * One that is being made is so for a moment; other programs make such links too.
 */
function portsOutside(node: string, { interfaces }: Known, own: Routes | undefined): Fault[] {
  const sibling = interfaces.find(
    (port) =>
      isPodPort(port) &&
      port.name.startsWith('veth') &&
      interfaces.some((bridge) => bridge.name === port.master && isPluginBridge(bridge)),
  )
  const bridge = interfaces.find(({ name }) => name === sibling?.master)
  if (own === undefined || sibling === undefined || bridge === undefined) return []
  const leading = own.all.filter(
    ({ type, destination }) => type === 'unicast' && !isOfLink(destination.address),
  )
  const routed = new Set(leading.map(({ device }) => device))
  const outside = interfaces.filter(
    (link) =>
      link.name.startsWith('veth') &&
      link.master === undefined &&
      link.linkNetns !== undefined &&
      isUsable(link) &&
      globalsOf(link).length === 0 &&
      !routed.has(link.name),
  )
  if (outside.length === 0) return []
  const isOfPods = outside.every(({ linkNetns }) => NETNS_OF_POD.test(linkNetns ?? ''))
  return [
    found<InterfaceDown, Note>(
      { kind: 'outside', node, bridge: bridge.name, devices: outside.map(({ name }) => name), isOfPods },
      {
        subject: `${bridge.name}/outside`,
        severity: isOfPods ? 'high' : 'medium',
        confidence: isOfPods ? 'likely' : 'possible',
        evidence: [
          ...outside.slice(0, MOST_CITED).map(({ origin }) => withNote<Note>(origin, 'outside')),
          withNote<Note>(sibling.origin, 'bridge', bridge.name),
        ],
        about: outside.map(({ name }): Subject => `device:${node}/${name}`),
      },
    ),
  ]
}

/** Every device that is up has routes of IPv6 to its own link and for multicast. */
function isOfLink(destination: Address): boolean {
  return isLinkLocal(destination) || destination.startsWith('ff')
}

function networksOf({ networks }: Pick<Known, 'networks'>): Subject[] {
  return (networks ?? []).map(({ prefix }): Subject => `network:${formatPrefix(prefix)}`)
}
