import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { type Inputs, eachNode } from '../../engine/fact.ts'
import { type Found, found } from '../../engine/verdict.ts'
import { type AddressOwner, addressOwners } from '../../facts/cluster/addressOwners.ts'
import { interfaces } from '../../facts/node/interfaces.ts'
import { type NodeAddress, nodeAddresses } from '../../facts/node/nodeAddresses.ts'
import { isV4 } from '../../net/address.ts'
import type { Neighbour } from '../../parsers/ipNeigh.ts'
import { captured } from '../../sources/captured.ts'
import { type UnresolvedNeighbour, text } from './neighbour-unresolved.text.ts'
import { pathBetween } from './pathBetween.ts'

type Note = 'entry' | 'up' | 'down' | 'registered'

/** An entry that nothing has used for so long may be left from a time when the peer was away. */
const STALE_SECONDS = 300

const needs = {
  neighbours: captured.ipNeigh,
  owners: addressOwners,
  own: interfaces,
  all: eachNode(interfaces),
}
const wants = { addresses: nodeAddresses }

/**
 * The node asked for the hardware address of a peer and got no answer (states INCOMPLETE and FAILED of net/core/neighbour.c: three
 * requests of a second each). An effect: something keeps the two from speaking with each other on their own link.
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
    const { neighbours, owners, own } = inputs
    const hostDevices = new Set(own.filter(({ role }) => role === 'host').map(({ name }) => name))
    const unresolved = neighbours.value.filter(
      ({ states, flags, device }) =>
        states.some((state) => state === 'FAILED' || state === 'INCOMPLETE') &&
        !flags.has('proxy') &&
        hostDevices.has(device),
    )
    return unresolved.flatMap((entry) => {
      const peers = (owners.get(entry.address) ?? []).filter((owner) => owner.node !== node.id)
      const [peer] = peers
      return peer === undefined || peers.length > 1 ? [] : judge(entry, peer, node.id, inputs)
    })
  },
})

function judge(
  entry: Neighbour,
  peer: AddressOwner,
  node: string,
  { neighbours, all, addresses }: Inputs<typeof needs, typeof wants>,
): Found<UnresolvedNeighbour, Note>[] {
  const { address, device, states, usedSeconds = 0 } = entry
  const holder = all.find(({ node }) => node.id === peer.node)?.value.find(({ name }) => name === peer.device)
  if (peer.present && holder === undefined) return []
  const isUp = holder === undefined || (holder.flags.has('UP') && holder.flags.has('LOWER_UP'))
  const isLeftOver = usedSeconds > STALE_SECONDS
  const isAgeless = states.includes('FAILED') && !tellsAge(entry)
  const isCertain = holder !== undefined && !isLeftOver && !isAgeless
  return [
    found<UnresolvedNeighbour, Note>(
      {
        node,
        device,
        address,
        ownAddresses: ownAddresses(entry, addresses ?? []),
        peer: peer.node,
        isControlPlane: peer.isControlPlane,
        state: states.includes('FAILED') ? 'FAILED' : 'INCOMPLETE',
        ...(holder && { peerDevice: holder.name }),
        peerState: holder === undefined ? 'unknown' : isUp ? 'up' : 'down',
        ...(isLeftOver && { unusedSeconds: usedSeconds }),
        isAgeless,
      },
      {
        subject: address,
        severity: isCertain ? 'high' : 'medium',
        confidence: isCertain ? 'certain' : 'possible',
        evidence: [
          withNote<Note>(neighbours.cite(entry.line), 'entry'),
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

/** BusyBox prints 0 for all times; the kernel lets a minute lie between the last answer and a failed request. */
function tellsAge({ usedSeconds, confirmedSeconds, updatedSeconds }: Neighbour): boolean {
  return usedSeconds !== 0 || confirmedSeconds !== 0 || updatedSeconds !== 0
}

/** Those that the node asks from: on the same interface, of the same family. */
function ownAddresses({ device, address }: Neighbour, addresses: readonly NodeAddress[]): string[] {
  return addresses
    .filter((own) => own.device === device && isV4(own.address) === isV4(address))
    .map((own) => own.address)
}
