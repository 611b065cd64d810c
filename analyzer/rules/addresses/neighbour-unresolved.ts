import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { type Inputs, eachNode } from '../../engine/fact.ts'
import { type Found, found } from '../../engine/verdict.ts'
import { type AddressOwner, addressOwners } from '../../facts/cluster/addressOwners.ts'
import { interfaces } from '../../facts/node/interfaces.ts'
import { type NodeAddress, nodeAddresses } from '../../facts/node/nodeAddresses.ts'
import { isV4 } from '../../net/address.ts'
import { type UnansweredNeighbour, unansweredNeighbours } from '../../facts/node/unansweredNeighbours.ts'
import { type UnresolvedNeighbour, text } from './neighbour-unresolved.text.ts'
import { pathBetween } from './pathBetween.ts'

type Note = 'entry' | 'up' | 'down' | 'registered'

const needs = {
  unanswered: unansweredNeighbours,
  owners: addressOwners,
  all: eachNode(interfaces),
}
const wants = { addresses: nodeAddresses }

/**
 * The node asked for the hardware address of a peer and got no answer. An effect: something keeps the two from speaking with each other on their own link.
 */
export default defineRule({
  id: 'neighbour-unresolved',
  area: 'addresses',
  severity: 'high',
  isSymptom: true,
  references: [
    { title: 'Linux net/core/neighbour.c, states INCOMPLETE and FAILED' },
    {
      title: 'kubernetes/kubernetes#93175: “no route to host” to a node whose address IPVS holds',
      url: 'https://github.com/kubernetes/kubernetes/issues/93175',
    },
  ],
  needs,
  wants,
  text,
  check(inputs, node) {
    const { unanswered, owners } = inputs
    return unanswered.flatMap((entry) => {
      const peers = (owners.get(entry.address) ?? []).filter((owner) => owner.node !== node.id)
      const [peer] = peers
      return peer === undefined || peers.length > 1 ? [] : judge(entry, peer, node.id, inputs)
    })
  },
})

function judge(
  entry: UnansweredNeighbour,
  peer: AddressOwner,
  node: string,
  { all, addresses }: Inputs<typeof needs, typeof wants>,
): Found<UnresolvedNeighbour, Note>[] {
  const { address, device, state, unusedSeconds, isAgeless, origin } = entry
  const holder = all.find(({ node }) => node.id === peer.node)?.value.find(({ name }) => name === peer.device)
  if (peer.present && holder === undefined) return []
  const isUp = holder === undefined || (holder.flags.has('UP') && holder.flags.has('LOWER_UP'))
  const isCertain = holder !== undefined && unusedSeconds === undefined && !isAgeless
  return [
    found<UnresolvedNeighbour, Note>(
      {
        node,
        device,
        address,
        ownAddresses: ownAddresses(entry, addresses ?? []),
        peer: peer.node,
        isControlPlane: peer.isControlPlane,
        state,
        ...(holder && { peerDevice: holder.name }),
        peerState: holder === undefined ? 'unknown' : isUp ? 'up' : 'down',
        ...(unusedSeconds !== undefined && { unusedSeconds }),
        isAgeless,
      },
      {
        subject: address,
        severity: isCertain ? 'high' : 'medium',
        confidence: isCertain ? 'certain' : 'possible',
        evidence: [
          withNote<Note>(origin, 'entry'),
          ...(holder ? [withNote<Note>(holder.origin, isUp ? 'up' : 'down', peer.node)] : []),
          ...(peer.origin ? [withNote<Note>(peer.origin, 'registered', peer.node)] : []),
        ],
        nodes: peer.present ? [peer.node] : [],
        about: [
          `address:${address}`,
          `node:${peer.node}`,
          ...(addresses ?? []).map((own) => pathBetween(own.address, address)),
        ],
      },
    ),
  ]
}

/** Those that the node asks from: on the same interface, of the same family. */
function ownAddresses({ device, address }: UnansweredNeighbour, addresses: readonly NodeAddress[]): string[] {
  return addresses
    .filter((own) => own.device === device && isV4(own.address) === isV4(address))
    .map((own) => own.address)
}
