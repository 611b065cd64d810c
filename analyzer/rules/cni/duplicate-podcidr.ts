import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { type Found, found, unchecked } from '../../engine/verdict.ts'
import { type SharedPodNetwork, sharedPodNetworks } from '../../facts/cluster/sharedPodNetworks.ts'
import { formatPrefix, prefixOf } from '../../net/prefix.ts'
import { type DuplicatePodCidr, text } from './duplicate-podcidr.text.ts'

type Note = 'holder'

/**
 * Two nodes of one cluster give their pods addresses from one network: pods of both get the same addresses, and routes can lead to one
 * of them only.
 */
export default defineRule({
  id: 'duplicate-podcidr',
  area: 'cni',
  severity: 'critical',
  references: [
    {
      title: 'flannel#1343: a node keeps a subnet that another one was given',
      url: 'https://github.com/flannel-io/flannel/issues/1343',
    },
    {
      title: 'Kubernetes pkg/controller/nodeipam: one podCIDR for each node',
    },
  ],
  needs: { networks: sharedPodNetworks },
  text,
  check({ networks }, node) {
    const own = networks.shared.filter(({ holders }) => holders.some((holder) => holder.node === node.id))
    if (own.length > 0) return distinct(own).map(duplicate)
    return networks.doubtful.has(node.id) ? unchecked('strangers') : []
  },
})

/** Flannel’s subnet, the bridge and podCIDR tell one fault: the first of them is told. */
function distinct(shared: readonly SharedPodNetwork[]): readonly SharedPodNetwork[] {
  const byNodes = new Map(
    shared.toReversed().map((each) => [`${nameOf(each)} ${nodesOf(each).join(' ')}`, each]),
  )
  return [...byNodes.values()].toReversed()
}

function nodesOf({ holders }: SharedPodNetwork): readonly string[] {
  return [...new Set(holders.map(({ node }) => node))].toSorted()
}

function nameOf({ holders }: SharedPodNetwork): string {
  const [first] = holders
  return first === undefined ? '' : formatPrefix(prefixOf(first.prefix.address, first.prefix.length))
}

function duplicate(shared: SharedPodNetwork): Found<DuplicatePodCidr, Note> {
  const network = nameOf(shared)
  return found<DuplicatePodCidr, Note>(
    { network, nodes: nodesOf(shared), claim: shared.claim },
    {
      subject: network,
      // What the API server assigns is not always what the plugin hands out.
      confidence: shared.claim === 'podCidr' ? 'likely' : 'certain',
      evidence: shared.holders.slice(0, 6).map(({ origin, node }) => withNote<Note>(origin, 'holder', node)),
      nodes: shared.holders.filter(({ isPresent }) => isPresent).map(({ node }) => node),
      about: [`network:${network}`, ...nodesOf(shared).map((node) => `node:${node}` as const)],
    },
  )
}
