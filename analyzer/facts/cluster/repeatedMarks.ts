import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { type OfNode, defineClusterFact, eachNode } from '../../engine/fact.ts'
import { isLinkLocal } from '../../net/address.ts'
import { isSharedMac } from '../../net/mac.ts'
import type { NodeMeta } from '../../parsers/nodeMeta.ts'
import { captured } from '../../sources/captured.ts'
import { type NodeInterface, interfaces } from '../node/interfaces.ts'

/** What tells one machine from another. */
export type MachineTrait = 'machine-id' | 'product-uuid' | 'hostname' | 'mac'

/** What a node is known by, and the line that shows it. */
export interface MachineMark {
  /** Id of the node's bundle. */
  readonly node: string
  readonly trait: MachineTrait
  readonly value: string
  readonly origin: Evidence
}

/** SHA-256 of nothing, and of `uninitialized`, which stands in images that are to get an id at first boot (machine-id(5)). */
const NO_IDENTITY = new Set([
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'c35fc5870fa929ad33e774d9945c362333f1b785e99ac8964a96a226bcf08d53',
])

/** The marks that are found more than once in the case, those of one trait and value together. */
export const repeatedMarks = defineClusterFact({
  name: 'marks of machines that stand more than once',
  needs: { metas: eachNode(captured.nodeMeta) },
  wants: { interfaces: eachNode(interfaces) },
  compute({ metas, interfaces }): Availability<readonly (readonly MachineMark[])[]> {
    const alike = new Map<string, MachineMark[]>()
    for (const mark of [...metas.flatMap(marksOfMeta), ...(interfaces ?? []).flatMap(marksOfCards)]) {
      const key = `${mark.trait} ${mark.value}`
      const known = alike.get(key)
      if (known === undefined) alike.set(key, [mark])
      else known.push(mark)
    }
    return available([...alike.values()].filter((marks) => marks.length > 1))
  },
})

function marksOfMeta({ node, value: meta }: OfNode<Capture<NodeMeta>>): MachineMark[] {
  const { hostname, machineIdHash, productUuidHash, lines } = meta.value
  const named: readonly (readonly [MachineTrait, string | undefined, string])[] = [
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
function marksOfCards({ node, value }: OfNode<readonly NodeInterface[]>): MachineMark[] {
  return value.flatMap(({ name, role, kind, mac, permanentMac, flags, addresses, master, origin }) => {
    const isCard = role === 'host' && kind === undefined && flags.has('LOWER_UP')
    const isUsed = master !== undefined || addresses.some(({ address }) => !isLinkLocal(address))
    if (!isCard || !isUsed) return []
    // A bond gives all its cards one MAC; by itself a card may have been given that of another machine.
    const own = new Set(master === undefined ? [mac, permanentMac] : [permanentMac ?? mac])
    return [...own].flatMap((value) =>
      value === undefined || isSharedMac(value)
        ? []
        : [{ node: node.id, trait: 'mac' as const, value, origin: { ...origin, note: name } }],
    )
  })
}
