import type { Capture } from '../../bundle/bundle.ts'
import { defineRule } from '../../engine/defineRule.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { type OfNode, eachNode, valueOfNode } from '../../engine/fact.ts'
import { type Found, type Subject, clear, found, notApplicable } from '../../engine/verdict.ts'
import { duplicateAddresses } from '../../facts/cluster/duplicateAddresses.ts'
import { type Clock, clock } from '../../facts/node/clock.ts'
import { type NodeInterface, interfaces } from '../../facts/node/interfaces.ts'
import { isLinkLocal } from '../../net/address.ts'
import { isSharedMac } from '../../net/mac.ts'
import type { NodeMeta } from '../../parsers/nodeMeta.ts'
import { captured } from '../../sources/captured.ts'
import { type SharedIdentity, type Trait, text } from './duplicate-machine-identity.text.ts'

/** What a node is known by, and the line that shows it. */
interface Mark {
  readonly node: string
  readonly trait: Trait
  readonly value: string
  readonly origin: Evidence
}

/** SHA-256 of nothing, and of `uninitialized`, which stands in images that are to get an id at first boot (machine-id(5)). */
const NO_IDENTITY = new Set([
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'c35fc5870fa929ad33e774d9945c362333f1b785e99ac8964a96a226bcf08d53',
])

/**
 * Two machines with one identity, as clones of one disk are: the machine id (systemd derives DHCP client ids and the MACs of virtual
 * devices from it), the host name (the name of the node in the API) or the MAC of a network card.
 */
export default defineRule({
  id: 'duplicate-machine-identity',
  area: 'addresses',
  severity: 'high',
  references: [
    {
      title: 'kubeadm: verify the MAC address and product_uuid are unique for every node',
      url: 'https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/',
    },
    {
      title: 'machine-id(5)',
      url: 'https://www.freedesktop.org/software/systemd/man/latest/machine-id.html',
    },
  ],
  needs: { metas: eachNode(captured.nodeMeta) },
  wants: { interfaces: eachNode(interfaces), clocks: eachNode(clock), duplicates: duplicateAddresses },
  text,
  check({ metas, interfaces, clocks, duplicates }, node) {
    const boots = new Map(metas.map(({ node: of, value }) => [of.id, value.value.bootId]))
    if (boots.size < 2 || boots.get(node.id) === undefined) return notApplicable('alone')
    const marks = [...metas.flatMap(marksOfMeta), ...(interfaces ?? []).flatMap(marksOfCards)]
    const groups = new Map<string, Mark[]>()
    for (const mark of marks.filter((one) => one.node === node.id)) {
      const others = marks.filter(
        (other) =>
          other.node !== node.id &&
          other.trait === mark.trait &&
          other.value === mark.value &&
          boots.get(other.node) !== boots.get(node.id) &&
          areTwo(valueOfNode(clocks ?? [], node.id), valueOfNode(clocks ?? [], other.node)),
      )
      if (others.length === 0) continue
      const all = [mark, ...others].toSorted((a, b) => (a.node < b.node ? -1 : 1))
      const key = [...new Set(all.map((one) => one.node))].join(' ')
      groups.set(key, [...(groups.get(key) ?? []), ...all])
    }
    if (groups.size === 0) return clear()
    return [...groups.values()].map((shared) => identity(shared, addressesOf(shared, duplicates)))
  },
})

/** Was one of them still up when the other one had started? A machine that was started anew between two captures is one. */
function areTwo(a: Clock | undefined, b: Clock | undefined): boolean {
  if (a?.bootedAtMs === undefined || b?.bootedAtMs === undefined) return false
  return a.bootedAtMs < b.collectedAtMs && b.bootedAtMs < a.collectedAtMs
}

function marksOfMeta({ node, value: meta }: OfNode<Capture<NodeMeta>>): Mark[] {
  const { hostname, machineIdHash, productUuidHash, lines } = meta.value
  const named: readonly (readonly [Trait, string | undefined, string])[] = [
    ['machine-id', machineIdHash, 'machine_id_hash'],
    ['product-uuid', productUuidHash, 'product_uuid_hash'],
    ['hostname', hostname?.toLowerCase(), 'hostname'],
  ]
  return named.flatMap(([trait, value, key]) => {
    const line = lines.get(key)
    if (value === undefined || value === '-' || line === undefined || NO_IDENTITY.has(value)) return []
    return [{ node: node.id, trait, value, origin: meta.cite(line) }]
  })
}

/** Cards with an address, or in a bond or bridge: a management controller's USB link has one MAC on every machine of a maker. */
function marksOfCards({ node, value }: OfNode<readonly NodeInterface[]>): Mark[] {
  return value.flatMap(({ name, role, kind, mac, permanentMac, flags, addresses, master, origin }) => {
    const isCard = role === 'host' && kind === undefined && flags.has('LOWER_UP')
    const isUsed = master !== undefined || addresses.some(({ address }) => !isLinkLocal(address))
    const own = permanentMac ?? mac
    if (!isCard || !isUsed || own === undefined || isSharedMac(own)) return []
    return [{ node: node.id, trait: 'mac' as const, value: own, origin: { ...origin, note: name } }]
  })
}

function addressesOf(
  shared: readonly Mark[],
  duplicates: ReadonlyMap<string, readonly { readonly node: string }[]> | undefined,
): string[] {
  const nodes = new Set(shared.map(({ node }) => node))
  const held = [...(duplicates ?? [])].filter(
    ([, holders]) => holders.filter(({ node }) => nodes.has(node)).length > 1,
  )
  return held.map(([address]) => address)
}

function identity(shared: readonly Mark[], addresses: readonly string[]): Found<SharedIdentity, never> {
  const nodes = [...new Set(shared.map(({ node }) => node))]
  const traits = [...new Set(shared.map(({ trait }) => trait))]
  const macs = [...new Set(shared.filter(({ trait }) => trait === 'mac').map(({ value }) => value))]
  const names = shared.filter(({ trait }) => trait === 'hostname').map(({ value }) => value)
  // Makers of cheap boards give all of them one UUID: by itself it breaks nothing.
  const isBoardOnly = traits.every((trait) => trait === 'product-uuid')
  const about: Subject[] = [
    ...nodes.map((node) => `node:${node}` as const),
    ...macs.map((mac) => `mac:${mac}` as const),
    ...addresses.map((address) => `address:${address}` as const),
  ]
  return found<SharedIdentity>(
    { nodes, traits, macs, addresses, ...(names[0] !== undefined && { hostname: names[0] }) },
    {
      subject: 'identity',
      ...(isBoardOnly && { severity: 'low' }),
      confidence: isBoardOnly ? 'possible' : 'certain',
      evidence: shared.slice(0, 8).map(({ origin }) => origin),
      nodes,
      about,
    },
  )
}
