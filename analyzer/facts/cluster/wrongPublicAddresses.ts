import { type Availability, available } from '../../engine/availability.ts'
import { type Inputs, defineClusterFact, eachNode, valueOfNode } from '../../engine/fact.ts'
import { type Address, isV4 } from '../../net/address.ts'
import { isBeyond } from '../../net/isBeyond.ts'
import { prefixContains } from '../../net/prefix.ts'
import { captured } from '../../sources/captured.ts'
import { type AddressOfInterface, type NodeInterface, interfaces } from '../node/interfaces.ts'
import { nodeAddresses } from '../node/nodeAddresses.ts'
import { routes } from '../node/routes.ts'
import { type Vtep, vteps } from '../node/vteps.ts'
import { type AddressOwner, addressOwners } from './addressOwners.ts'
import { clusterMates } from './clusterMates.ts'
import { peerWays } from './peerWays.ts'
import { type PublicAddress, publicAddresses } from './publicAddresses.ts'

/** An address and the interface that has it. */
export interface HeldAddress {
  readonly device: NodeInterface
  readonly held: AddressOfInterface
}

/** What is wrong with the address by which flannel has others reach a node. */
export type WrongPublicAddress = {
  readonly claim: PublicAddress
  /** The node’s own address in the network of its peers, or the one that it is registered by; left out where it has none. */
  readonly fit?: HeldAddress
} & (
  | {
      /** Its VXLAN device sends by an address that no interface has any more: the kernel drops what is sent so. */
      readonly kind: 'gone'
      readonly device: NodeInterface
      readonly local: Address
    }
  | {
      /** No interface of the node has it. */
      readonly kind: 'absent'
      /** Another node that has it. */
      readonly holder?: AddressOwner
      /** It is of a network that the node is in: nothing is translated on the way there. */
      readonly isOnLink: boolean
    }
  | {
      /** A bridge of containers, kube-ipvs0 or a device of the plugin itself has it: every node may have the same. */
      readonly kind: 'bridge'
      readonly on: HeldAddress
    }
  | {
      /** Other nodes are to be reached by the same. */
      readonly kind: 'shared'
      readonly sharers: readonly PublicAddress[]
    }
  | {
      /** It is of a network that no peer is in, while the node has an address in the network of all peers. */
      readonly kind: 'stray'
      readonly on: HeldAddress
      readonly fit: HeldAddress
      readonly peers: readonly PublicAddress[]
      /** No peer has a route to it. */
      readonly isUnrouted: boolean
      /** The API server knows the node by another address. */
      readonly isUnregistered: boolean
    }
)

const needs = {
  claims: publicAddresses,
  listings: eachNode(captured.ipAddr),
  devices: eachNode(interfaces),
  addresses: eachNode(nodeAddresses),
  vteps: eachNode(vteps),
  routes: eachNode(routes),
  metas: eachNode(captured.nodeMeta),
  owners: addressOwners,
  mates: clusterMates,
  ways: peerWays,
}

type Known = Inputs<typeof needs, Record<never, never>>

/**
 * Addresses that flannel announces and by which the node is not reached, one for each node and family. Nodes are left out whose pods
 * are carried by another plugin or whose addresses were not captured as a whole, and addresses that somebody set on purpose, or that a
 * cloud may translate.
 */
export const wrongPublicAddresses = defineClusterFact({
  name: 'wrong addresses that flannel announces',
  needs,
  compute(known): Availability<readonly WrongPublicAddress[]> {
    const claims = known.claims.filter(({ node }) => !known.ways.isOtherPlugins(node))
    const peersOf = (claim: PublicAddress) => claims.filter((other) => isPeer(claim, other, known))
    const alone = claims.flatMap((claim): WrongPublicAddress[] => {
      if (!claim.isPresent || valueOfNode(known.listings, claim.node)?.status !== 'ok') return []
      const view = viewOf(claim, peersOf(claim), known)
      const fault = goneFrom(view) ?? absentFrom(view, known) ?? forContainers(view) ?? strayFrom(view, known)
      return fault === undefined ? [] : [fault]
    })
    // A node that the API server does not hear from may be a former name of one that it hears from.
    const sound = claims.filter((claim) => claim.isReady && !alone.some((fault) => fault.claim === claim))
    const shared = sound.flatMap((claim): WrongPublicAddress[] => {
      const alike = peersOf(claim).filter(({ address }) => address === claim.address)
      const sharers = alike.filter((other) => sound.includes(other))
      return claim.isPresent && sharers.length > 0 ? [{ claim, kind: 'shared', sharers }] : []
    })
    return available([...alone, ...shared])
  },
})

/** A claim of another machine of the cluster, and of the same family. */
function isPeer(claim: PublicAddress, other: PublicAddress, { metas, mates }: Known): boolean {
  if (claim === other || isV4(claim.address) !== isV4(other.address)) return false
  const machineOf = ({ node }: PublicAddress) => valueOfNode(metas, node)?.value.bootId ?? node
  if (machineOf(claim) === machineOf(other)) return false
  const areListed = claim.source === 'announced' && other.source === 'announced'
  return areListed || mates.of(claim.node, other.node) === true
}

/** What is known around a claim of a node with a bundle. */
interface View {
  readonly claim: PublicAddress
  readonly peers: readonly PublicAddress[]
  readonly vtep: Vtep | undefined
  readonly held: readonly HeldAddress[]
  /** Those of them that are on the node’s own network cards. */
  readonly hosts: readonly HeldAddress[]
  readonly registered: ReadonlySet<Address>
  /** The one in a network with a peer’s. */
  readonly towards: HeldAddress | undefined
  readonly fit: { readonly fit?: HeldAddress }
}

function viewOf(claim: PublicAddress, peers: readonly PublicAddress[], known: Known): View {
  const held = heldBy(valueOfNode(known.devices, claim.node) ?? [])
  const hosts = held.filter(({ device }) => device.role === 'host')
  const own = valueOfNode(known.addresses, claim.node) ?? []
  const registered = new Set(own.filter((each) => each.registered).map(({ address }) => address))
  const towards = hosts.find((each) => peers.some(({ address }) => isNear(each, address)))
  const fit = towards ?? hosts.find((each) => registered.has(each.held.address))
  const vtep = valueOfNode(known.vteps, claim.node)?.find(
    ({ address }) => isV4(address) === isV4(claim.address),
  )
  return { claim, peers, vtep, held, hosts, registered, towards, fit: fit === undefined ? {} : { fit } }
}

function goneFrom({ claim, vtep, held, fit }: View): WrongPublicAddress | undefined {
  const local = vtep?.device.vxlan?.local
  if (vtep === undefined || local === undefined || isHeld(held, local)) return undefined
  return { kind: 'gone', claim, ...fit, device: vtep.device, local }
}

function absentFrom({ claim, held, hosts, fit }: View, { owners }: Known): WrongPublicAddress | undefined {
  const { address, node, source, isChosen } = claim
  if (isHeld(held, address) || source !== 'announced' || isChosen) return undefined
  // A bundle from inside of a container shows other interfaces than the node’s.
  const isWhole = held.some(({ device }) => device.role === 'cni' || device.role === 'pod')
  if (!isWhole || isBeyond(address, new Set(hosts.map((each) => each.held.address)))) return undefined
  const holder = owners.get(address)?.find((owner) => owner.node !== node)
  const isOnLink = hosts.some((each) => isNear(each, address))
  return { kind: 'absent', claim, ...fit, isOnLink, ...(holder && { holder }) }
}

/** WireGuard’s devices and dummies do not count: administrators give a node its address on those too. */
function forContainers({ claim, held, fit }: View): WrongPublicAddress | undefined {
  const on = held.find((each) => each.held.address === claim.address)
  if (on === undefined) return undefined
  const { role, kind } = on.device
  const isPlugins = role === 'cni' && (kind === 'bridge' || kind === 'vxlan')
  const isTheirs = role === 'container-bridge' || role === 'ipvs' || isPlugins
  return isTheirs ? { kind: 'bridge', claim, ...fit, on } : undefined
}

/** All peers are in one network with another address of the node, and none is in that of the claimed one. */
function strayFrom(view: View, { devices, routes }: Known): WrongPublicAddress | undefined {
  const { claim, peers, hosts, registered, towards } = view
  const on = hosts.find((each) => each.held.address === claim.address)
  if (on === undefined || towards === undefined || claim.isChosen) return undefined
  const present = peers.filter(({ isPresent }) => isPresent)
  const isElsewhere = peers.every(
    ({ address }) => !isNear(on, address) && hosts.some((each) => isNear(each, address)),
  )
  const isReached = present.some(({ node }) =>
    heldBy(valueOfNode(devices, node) ?? []).some((each) => isNear(each, claim.address)),
  )
  if (present.length === 0 || !isElsewhere || isReached) return undefined
  const isUnrouted = present.every(({ node }) => {
    const table = valueOfNode(routes, node)
    const route = table?.lookup(claim.address)?.route
    return table !== undefined && (route === undefined || REFUSING.has(route.type))
  })
  const isUnregistered = registered.size > 0 && !registered.has(claim.address)
  return { kind: 'stray', claim, on, fit: towards, peers, isUnrouted, isUnregistered }
}

const REFUSING: ReadonlySet<string> = new Set(['unreachable', 'blackhole', 'prohibit'])

function heldBy(devices: readonly NodeInterface[]): readonly HeldAddress[] {
  return devices.flatMap((device) => device.addresses.map((held) => ({ device, held })))
}

function isHeld(held: readonly HeldAddress[], address: Address): boolean {
  return held.some((each) => each.held.address === address)
}

function isNear({ held }: HeldAddress, address: Address): boolean {
  return prefixContains({ address: held.address, length: held.prefixLength }, address)
}
