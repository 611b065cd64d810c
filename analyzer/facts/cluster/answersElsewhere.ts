import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineClusterFact, eachNode, valueOfNode } from '../../engine/fact.ts'
import { type Address, isLinkLocal, isV4 } from '../../net/address.ts'
import { type NodeInterface, interfaces } from '../node/interfaces.ts'
import { type KubeletAddress, kubeletAddress } from '../node/kubeletAddress.ts'
import { linkKin } from '../node/linkKin.ts'
import { type RouteOfNode, waysOf } from '../node/routeLookup.ts'
import { type Routes, routes } from '../node/routes.ts'
import { clusterMates } from './clusterMates.ts'

/** A node that peers reach by one card, and that answers them by another one. */
export interface AnswerElsewhere {
  /** Id of the node. */
  readonly node: string
  /** The address by which the cluster knows it, and the card that has it. */
  readonly known: KubeletAddress
  readonly card: NodeInterface
  /** Id of the peer. */
  readonly peer: string
  /** What the peer sends by. */
  readonly source: Address
  /** The route by which answers leave, and its card. */
  readonly back: RouteOfNode
  readonly device: NodeInterface
  /** The peer’s route to the node. */
  readonly forth: Evidence
}

interface Known {
  readonly id: string
  readonly cards: readonly NodeInterface[]
  readonly devices: readonly NodeInterface[]
  readonly routes: Routes
  readonly address: KubeletAddress
  readonly card: NodeInterface
}

/**
 * Nodes whose answers to their peers leave by another card than the one that has the address by which the cluster knows them, by the
 * routes and policy rules of both. IPv4 alone. Bonds, bridges and VLANs are one card with what they stand on.
 */
export const answersElsewhere = defineClusterFact({
  name: 'answers by another card',
  needs: {
    interfaces: eachNode(interfaces),
    routes: eachNode(routes),
    known: eachNode(kubeletAddress),
    mates: clusterMates,
  },
  compute({ interfaces, routes, known, mates }): Availability<readonly AnswerElsewhere[]> {
    const nodes = interfaces.flatMap(({ node, value }): Known[] => {
      const table = valueOfNode(routes, node.id)
      const address = valueOfNode(known, node.id)
      const cards = cardsOf(value)
      const card = cards.find(({ addresses }) => addresses.some((held) => held.address === address?.address))
      if (table === undefined || address === undefined || card === undefined) return []
      return [{ id: node.id, cards, devices: value, routes: table, address, card }]
    })
    return available(
      nodes.flatMap((node) =>
        nodes.flatMap((peer) =>
          peer !== node && mates.of(node.id, peer.id) === true ? (answerOf(node, peer) ?? []) : [],
        ),
      ),
    )
  },
})

/** The cards of a node by which others may reach it: its own, with an address of IPv4, that are up. */
export function cardsOf(interfaces: readonly NodeInterface[]): readonly NodeInterface[] {
  return interfaces.filter(
    ({ role, kind, flags, addresses }) =>
      role === 'host' &&
      kind !== 'dummy' &&
      flags.has('UP') &&
      addresses.some(({ address }) => isV4(address) && !isLinkLocal(address)),
  )
}

function answerOf(node: Known, peer: Known): AnswerElsewhere | undefined {
  const { address } = node.address
  if (!isV4(address)) return undefined
  const forth = peer.routes.lookup(address)?.route
  const [out] = forth === undefined ? [] : waysOf(forth)
  const sender = peer.cards.find(({ name }) => name === out?.device)
  if (forth === undefined || sender === undefined) return undefined
  const source = forth.src ?? sender.addresses.find((held) => isV4(held.address))?.address
  if (source === undefined) return undefined
  const back = node.routes.lookup(source, address)?.route
  // That there is no way back is told by route-no-default.
  if (back === undefined) return undefined
  const ways = waysOf(back)
  const kin = linkKin(node.devices, node.card.name)
  if (ways.some(({ device }) => device !== undefined && kin.has(device))) return undefined
  const device = node.cards.find(({ name }) => name === ways[0]?.device)
  // A tunnel or a device of the network plugin is another matter, and a refusing route is told by its own rule.
  if (device === undefined) return undefined
  return {
    node: node.id,
    known: node.address,
    card: node.card,
    peer: peer.id,
    source,
    forth: forth.origin,
    back,
    device,
  }
}
