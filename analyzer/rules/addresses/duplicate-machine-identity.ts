import { defineRule } from '../../engine/defineRule.ts'
import { eachNode, valueOfNode } from '../../engine/fact.ts'
import { type Found, type Subject, clear, found, notApplicable } from '../../engine/verdict.ts'
import { duplicateAddresses } from '../../facts/cluster/duplicateAddresses.ts'
import { type MachineMark, repeatedMarks } from '../../facts/cluster/repeatedMarks.ts'
import { type Clock, clock } from '../../facts/node/clock.ts'
import { captured } from '../../sources/captured.ts'
import { type SharedIdentity, text } from './duplicate-machine-identity.text.ts'

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
  needs: { metas: eachNode(captured.nodeMeta), repeated: repeatedMarks },
  wants: { clocks: eachNode(clock), duplicates: duplicateAddresses },
  text,
  check({ metas, repeated, clocks, duplicates }, node) {
    const boots = new Map(metas.map(({ node: of, value }) => [of.id, value.value.bootId]))
    if (boots.size < 2 || boots.get(node.id) === undefined) return notApplicable('alone')
    const clockOf = (id: string): Clock | undefined => valueOfNode(clocks ?? [], id)
    const isOther = (id: string): boolean =>
      id !== node.id && boots.get(id) !== boots.get(node.id) && areTwo(clockOf(node.id), clockOf(id))
    const groups = new Map<string, MachineMark[]>()
    for (const marks of repeated) {
      if (!marks.some((mark) => mark.node === node.id)) continue
      const borne = marks.filter((mark) => mark.node === node.id || isOther(mark.node))
      const nodes = new Set(borne.map((mark) => mark.node))
      if (nodes.size < 2) continue
      const key = [...nodes].toSorted().join(' ')
      groups.set(key, [...(groups.get(key) ?? []), ...borne.toSorted(byNode)])
    }
    if (groups.size === 0) return clear()
    return [...groups.values()].map((shared) => identity(shared, addressesOf(shared, duplicates)))
  },
})

function byNode(a: MachineMark, b: MachineMark): number {
  return a.node === b.node ? 0 : a.node < b.node ? -1 : 1
}

/** Was one of them still up when the other one had started? A machine that was started anew between two captures is one. */
function areTwo(a: Clock | undefined, b: Clock | undefined): boolean {
  if (a?.bootedAtMs === undefined || b?.bootedAtMs === undefined) return false
  return a.bootedAtMs < b.collectedAtMs && b.bootedAtMs < a.collectedAtMs
}

function addressesOf(
  shared: readonly MachineMark[],
  duplicates: ReadonlyMap<string, readonly { readonly node: string }[]> | undefined,
): string[] {
  const nodes = new Set(shared.map(({ node }) => node))
  const held = [...(duplicates ?? [])].filter(
    ([, holders]) => holders.filter(({ node }) => nodes.has(node)).length > 1,
  )
  return held.map(([address]) => address)
}

function identity(
  shared: readonly MachineMark[],
  addresses: readonly string[],
): Found<SharedIdentity, never> {
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
