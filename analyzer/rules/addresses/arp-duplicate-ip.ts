import { defineRule } from '../../engine/defineRule.ts'
import { type Evidence, withNote } from '../../engine/evidence.ts'
import { type Found, found } from '../../engine/verdict.ts'
import { type ContestedAddress, contestedAddresses } from '../../facts/cluster/contestedAddresses.ts'
import { type AddressHolder, duplicateAddresses } from '../../facts/cluster/duplicateAddresses.ts'
import { type AddressOfInterface, type NodeInterface, interfaces } from '../../facts/node/interfaces.ts'
import {
  type LogSignals,
  type LoggedLine,
  confidenceFromLog,
  logSignals,
} from '../../facts/node/logSignals.ts'
import type { Address } from '../../net/address.ts'
import { type DuplicateAddress, text } from './arp-duplicate-ip.text.ts'

type Note = 'holder' | 'witness' | 'owner' | 'log' | 'dadFailed'

/**
 * One address on two machines of a link: whoever asks keeps the hardware address of the one that answered last (RFC 5227 describes
 * the harm and the detection). Proved by two bundles, by what peers learned, or by what the kernel and systemd saw themselves.
 */
export default defineRule({
  id: 'arp-duplicate-ip',
  area: 'addresses',
  severity: 'critical',
  references: [
    { title: 'RFC 5227, IPv4 Address Conflict Detection', url: 'https://www.rfc-editor.org/rfc/rfc5227' },
    {
      title: 'RFC 4862, section 5.4, Duplicate Address Detection',
      url: 'https://www.rfc-editor.org/rfc/rfc4862',
    },
  ],
  needs: { interfaces, duplicates: duplicateAddresses, contested: contestedAddresses },
  wants: { logs: logSignals },
  text,
  check({ interfaces, duplicates, contested, logs }, node) {
    const told = new Set<string>()
    const findings: Found<DuplicateAddress, Note>[] = []
    for (const [address, holders] of duplicates) {
      told.add(address)
      if (holders.some((holder) => holder.node === node.id)) findings.push(onSeveral(address, holders))
    }
    for (const one of contested) {
      if (told.has(one.address)) continue
      told.add(one.address)
      if (nodesOf(one).includes(node.id)) findings.push(answeredTwice(one))
    }
    const seen = interfaces
      .flatMap((device) => ownSights(device, logs))
      .filter(({ held }) => !told.has(held.address))
    return [...findings, ...seen.map((sight) => seenByNode(sight, node.id))]
  },
})

function onSeveral(address: Address, holders: readonly AddressHolder[]): Found<DuplicateAddress, Note> {
  return found<DuplicateAddress, Note>(
    {
      kind: 'two-nodes',
      address,
      holders: holders.map(({ node, device }) => ({ node, device: device.name })),
    },
    {
      subject: address,
      confidence: 'certain',
      evidence: holders.slice(0, 6).map(({ node, held }) => withNote<Note>(held.origin, 'holder', node)),
      nodes: holders.map(({ node }) => node),
      about: [`address:${address}`],
    },
  )
}

function nodesOf({ owner, witnesses }: ContestedAddress): string[] {
  return [...(owner?.present ? [owner.node] : []), ...witnesses.map(({ node }) => node)]
}

function answeredTwice(one: ContestedAddress): Found<DuplicateAddress, Note> {
  const { address, owner, witnesses } = one
  return found<DuplicateAddress, Note>(
    {
      kind: 'two-answers',
      address,
      ...(owner && { owner: owner.node }),
      device: witnesses[0]?.entry.device ?? '',
      answers: witnesses.map(({ node, entry }) => ({ node, mac: entry.mac })),
    },
    {
      subject: address,
      // A card may have been replaced since the inventory was written.
      confidence: owner?.present === false ? 'possible' : 'likely',
      evidence: [
        ...witnesses.slice(0, 4).map(({ entry }) => withNote<Note>(entry.origin, 'witness', entry.mac)),
        ...(owner?.origin ? [withNote<Note>(owner.origin, 'owner', owner.node)] : []),
      ],
      nodes: nodesOf(one),
      about: [`address:${address}`],
    },
  )
}

/** An address of the node that its own kernel, or its network manager, saw on another machine. */
interface OwnSight {
  readonly device: NodeInterface
  readonly held: AddressOfInterface
  readonly logged: readonly LoggedLine[]
}

function ownSights(device: NodeInterface, logs: LogSignals | undefined): OwnSight[] {
  if (device.role !== 'host') return []
  const conflicts = logs?.of('address-conflict')?.lines ?? []
  const duplicates = logs?.of('duplicate-address')?.lines ?? []
  return device.addresses
    .map((held) => ({
      device,
      held,
      logged: [...conflicts, ...duplicates].filter(({ groups }) => groups.get('address') === held.address),
    }))
    .filter(({ held, logged }) => logged.length > 0 || held.flags.has('dadfailed'))
}

function seenByNode({ device, held, logged }: OwnSight, node: string): Found<DuplicateAddress, Note> {
  const mac = logged.map(({ groups }) => groups.get('mac')).find((known) => known !== undefined)
  const evidence: Evidence[] = logged.slice(-2).map(({ origin }) => origin)
  return found<DuplicateAddress, Note>(
    {
      kind: 'seen-by-node',
      address: held.address,
      node,
      device: device.name,
      ...(mac !== undefined && { mac: mac.toLowerCase() }),
      refused: held.flags.has('dadfailed'),
    },
    {
      subject: held.address,
      confidence: held.flags.has('dadfailed') ? 'likely' : confidenceFromLog('likely', logged),
      evidence: [
        ...evidence.map((origin) => withNote<Note>(origin, 'log')),
        withNote<Note>(held.origin, held.flags.has('dadfailed') ? 'dadFailed' : 'holder', node),
      ],
      about: [`address:${held.address}`],
    },
  )
}
