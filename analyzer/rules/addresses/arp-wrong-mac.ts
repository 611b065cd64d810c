import { defineRule } from '../../engine/defineRule.ts'
import { type Evidence, withNote } from '../../engine/evidence.ts'
import { eachNode } from '../../engine/fact.ts'
import { type Found, found } from '../../engine/verdict.ts'
import { addressOwners } from '../../facts/cluster/addressOwners.ts'
import { macOwners } from '../../facts/cluster/macOwners.ts'
import { type MisdirectedAddress, misdirectedEntries } from '../../facts/cluster/misdirectedEntries.ts'
import { movableAddresses } from '../../facts/cluster/movableAddresses.ts'
import { routerMacs } from '../../facts/cluster/routerMacs.ts'
import { type WronglySetEntry, wronglySetEntries } from '../../facts/cluster/wronglySetEntries.ts'
import type { NodeInterface } from '../../facts/node/interfaces.ts'
import { peerEntries } from '../../facts/node/peerEntries.ts'
import { type NodeAddress, nodeAddresses } from '../../facts/node/nodeAddresses.ts'
import { routes } from '../../facts/node/routes.ts'
import { type WrongMac, text } from './arp-wrong-mac.text.ts'
import { type OneMacForTwo, oneMacForTwo } from './oneMacForTwo.ts'
import { pathBetween } from './pathBetween.ts'

type Note = 'entry' | 'mac' | 'holds' | 'arpIgnore' | 'shared' | 'set' | 'link'

/**
 * ARP flux: a node with two interfaces on one link answers on either for any of its addresses (arp_ignore=0, the default: Linux
 * Documentation/networking/ip-sysctl.rst), and a peer keeps the hardware address of the wrong one. Reproduced with two interfaces on
 * one bridge, kernel 6.18: both hardware addresses answer one request in turn. Or somebody set the entry by hand, and the card is another one by now.
 */
export default defineRule({
  id: 'arp-wrong-mac',
  area: 'addresses',
  severity: 'high',
  references: [
    {
      title: 'Linux Documentation/networking/ip-sysctl.rst, arp_ignore and arp_announce',
      url: 'https://docs.kernel.org/networking/ip-sysctl.html',
    },
  ],
  needs: {
    entries: peerEntries,
    misdirected: misdirectedEntries,
    set: wronglySetEntries,
    owners: addressOwners,
    macs: macOwners,
    movable: movableAddresses,
    routers: routerMacs,
  },
  // Taken from each node: a routing table that is cut off hides no wrong entry.
  wants: { routes: eachNode(routes), addresses: eachNode(nodeAddresses) },
  text,
  check({ entries, misdirected, set, addresses, owners, macs, movable, routers, routes }, node) {
    const concerned = misdirected.filter(
      ({ owner, observers }) => owner === node.id || observers.some((observer) => observer.node === node.id),
    )
    const table = routes?.find((each) => each.node.id === node.id)?.value
    const shared = oneMacForTwo({
      entries: entries.filter(({ mac }) => !macs.has(mac) && !routers.has(mac)),
      owners,
      gateways: new Set(table?.all.flatMap(({ via }) => via ?? [])),
      movable,
    })
    const wronglySet = set.filter((one) => one.node === node.id || one.owner.node === node.id)
    return [
      ...concerned.map(acrossNodes),
      ...wronglySet.map((one) =>
        setByHand(one, addresses?.find((each) => each.node.id === one.node)?.value ?? []),
      ),
      ...shared.map((one) => onOneNode(one, node.id)),
    ]
  },
})

function acrossNodes(one: MisdirectedAddress): Found<WrongMac, Note> {
  const { address, owner, right, wrong, observers, shareNetwork, arpIgnore } = one
  const answersForAll = arpIgnore === undefined || arpIgnore.value === 0
  const isFresh = observers.some(({ entry }) => entry.isFresh)
  const [first] = observers
  return found<WrongMac, Note>(
    {
      kind: 'across-nodes',
      address,
      mac: first?.entry.mac ?? '',
      owner,
      right: right.name,
      wrong: wrong.name,
      observers: observers.map(({ node, entry }) => ({ node, device: entry.device })),
      shareNetwork,
      ...(arpIgnore && { arpIgnore: arpIgnore.value }),
    },
    {
      subject: address,
      confidence: isFresh || (shareNetwork && answersForAll) ? 'certain' : 'likely',
      evidence: [
        ...observers.slice(0, 3).map(({ entry }) => withNote<Note>(entry.origin, 'entry', wrong.name)),
        withNote<Note>(linkLineOf(wrong), 'mac', wrong.name),
        ...right.addresses
          .filter((held) => held.address === address)
          .map(({ origin }) => withNote<Note>(origin, 'holds', right.name)),
        ...(arpIgnore === undefined ? [] : [withNote<Note>(arpIgnore.origin, 'arpIgnore')]),
      ],
      nodes: [owner, ...observers.map(({ node }) => node)],
      about: [`address:${address}`, `device:${owner}/${wrong.name}`, `node:${owner}`],
    },
  )
}

function setByHand(one: WronglySetEntry, own: readonly NodeAddress[]): Found<WrongMac, Note> {
  const { node, entry, owner, right, bearer, link, isFarApart } = one
  const { address, device, mac } = entry
  const isSure = link !== undefined && !isFarApart
  return found<WrongMac, Note>(
    {
      kind: 'set',
      node,
      device,
      address,
      mac,
      owner: owner.node,
      ...(right?.mac && { right: right.name, actual: right.mac }),
      ...(bearer && { bearer: bearer.node }),
      isFarApart,
    },
    {
      subject: `set/${address}`,
      severity: isSure ? 'high' : 'medium',
      // Another node may pass on what is not for it.
      confidence: !isSure ? 'possible' : bearer === undefined ? 'certain' : 'likely',
      evidence: [
        withNote<Note>(entry.origin, 'set'),
        ...(right ? [withNote<Note>(linkLineOf(right), 'mac', right.name)] : []),
        ...(right?.addresses ?? [])
          .filter((held) => held.address === address)
          .map(({ origin }) => withNote<Note>(origin, 'holds', right?.name ?? '')),
        ...(link ? [withNote<Note>(link, 'link')] : []),
      ],
      nodes: owner.present ? [node, owner.node] : [node],
      about: [
        `address:${address}`,
        `node:${owner.node}`,
        ...own.filter((each) => each.device === device).map((each) => pathBetween(each.address, address)),
      ],
    },
  )
}

function linkLineOf({ origin, linkLine }: NodeInterface): Evidence {
  return linkLine === undefined ? origin : { ...origin, line: linkLine.number, text: linkLine.text }
}

function onOneNode({ mac, entries, owner }: OneMacForTwo, node: string): Found<WrongMac, Note> {
  const addresses = entries.map(({ address }) => address)
  return found<WrongMac, Note>(
    { kind: 'one-node', node, mac, addresses, ...(owner !== undefined && { owner }) },
    {
      subject: mac,
      // Far more often the unknown address is a second one of the same card, of a load balancer or a virtual server.
      severity: owner === undefined ? 'low' : 'high',
      confidence: owner === undefined ? 'possible' : 'likely',
      evidence: entries.map(({ origin }) => withNote<Note>(origin, 'shared')),
      about: [`mac:${mac}`, ...addresses.map((address) => `address:${address}` as const)],
    },
  )
}
