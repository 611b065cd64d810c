import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { type Found, found, notApplicable } from '../../engine/verdict.ts'
import { calicoBlocks } from '../../facts/cluster/calicoBlocks.ts'
import { clusterMates } from '../../facts/cluster/clusterMates.ts'
import type { RouteOfNode } from '../../facts/node/routeLookup.ts'
import { routes } from '../../facts/node/routes.ts'
import { formatPrefix, prefixCovers } from '../../net/prefix.ts'
import { type BlackholeOverlap, text } from './calico-blackhole-overlap.text.ts'

type Note = 'blackhole' | 'pod'

/**
 * A node that has run out of addresses borrows some of another node’s block. The owner needs a route to each of them, since its
 * blackhole for the block takes whatever has none (projectcalico/calico#3246).
 */
export default defineRule({
  id: 'calico-blackhole-overlap',
  area: 'cni',
  severity: 'high',
  references: [
    {
      title: 'projectcalico/calico#3246: blackhole route for a block with borrowed addresses',
      url: 'https://github.com/projectcalico/calico/issues/3246',
    },
  ],
  needs: { all: calicoBlocks, routes, mates: clusterMates },
  text,
  check({ all, routes, mates }, node) {
    const own = all.find((entry) => entry.node === node.id)
    if (own === undefined || own.blocks.length === 0) return notApplicable('noBlocks')
    return all
      .filter((peer) => peer.node !== node.id && mates.of(node.id, peer.node) === true)
      .flatMap((peer) =>
        own.blocks.flatMap((block) => {
          const lost = peer.pods.filter(
            (pod) => prefixCovers(block.destination, pod.destination) && !isReached(pod, block, routes.all),
          )
          return lost.length === 0 ? [] : [overlap(block, lost, node.id, peer.node)]
        }),
      )
  },
})

function isReached(pod: RouteOfNode, block: RouteOfNode, routes: readonly RouteOfNode[]): boolean {
  return routes.some(
    ({ type, destination }) =>
      type === 'unicast' &&
      destination.length > block.destination.length &&
      prefixCovers(destination, pod.destination),
  )
}

function overlap(
  block: RouteOfNode,
  lost: readonly RouteOfNode[],
  node: string,
  peer: string,
): Found<BlackholeOverlap, Note> {
  const name = formatPrefix(block.destination)
  return found<BlackholeOverlap, Note>(
    { node, peer, block: name, pods: lost.map(({ destination }) => destination.address) },
    {
      subject: `${name} ${peer}`,
      confidence: 'certain',
      nodes: [peer],
      about: [`network:${name}`, `node:${node}`, `node:${peer}`],
      evidence: [
        withNote<Note>(block.origin, 'blackhole'),
        ...lost.slice(0, 4).map(({ origin }) => withNote<Note>(origin, 'pod', peer)),
      ],
    },
  )
}
