import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import type { Inputs } from '../../engine/fact.ts'
import { type Found, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { type CalicoBlocks, calicoBlocks } from '../../facts/cluster/calicoBlocks.ts'
import { clusterMates } from '../../facts/cluster/clusterMates.ts'
import { interfaces } from '../../facts/node/interfaces.ts'
import type { RouteOfNode } from '../../facts/node/routeLookup.ts'
import { routes } from '../../facts/node/routes.ts'
import { formatPrefix, prefixCovers } from '../../net/prefix.ts'
import { type TunnelRouteMissing, text } from './calico-ipip-tunnel-route-missing.text.ts'

type Note = 'block' | 'route' | 'tunnel'

const needs = { blocks: calicoBlocks, routes, interfaces, mates: clusterMates }

/** BIRD or Felix puts a route to each block of each peer; in IP-in-IP mode through tunl0, which has to be up. */
export default defineRule({
  id: 'calico-ipip-tunnel-route-missing',
  area: 'cni',
  severity: 'critical',
  references: [
    {
      title: 'Calico documentation, Overlay networking',
      url: 'https://docs.tigera.io/calico/latest/networking/configuring/vxlan-ipip',
    },
    { title: 'projectcalico/calico confd templates, bird_ipam.cfg.template' },
  ],
  needs,
  text,
  check(inputs, node) {
    const { blocks, mates } = inputs
    if (!blocks.some((own) => own.node === node.id)) return notApplicable('noCalico')
    const others = blocks.filter((peer) => peer.node !== node.id && peer.blocks.length > 0)
    const peers = others.filter((peer) => mates.of(node.id, peer.node) === true)
    if (peers.length === 0) return others.length > 0 ? unchecked('strangers') : notApplicable('alone')
    return peers.flatMap((peer) => wrongWays(peer, node.id, inputs))
  },
})

function wrongWays(
  peer: CalicoBlocks,
  node: string,
  { routes, interfaces }: Inputs<typeof needs, Record<never, never>>,
): Found<TunnelRouteMissing, Note>[] {
  return peer.blocks.flatMap((block) => {
    const way = routes.all.find((route) => leadsTo(route, block))
    const tunnel = way?.device === 'tunl0' ? interfaces.find(({ name }) => name === 'tunl0') : undefined
    const isDown = way?.device === 'tunl0' && tunnel?.flags.has('UP') === false
    if (way !== undefined && !isDown) return []
    const name = formatPrefix(block.destination)
    return [
      found<TunnelRouteMissing, Note>(
        { kind: isDown ? 'tunnel-down' : 'no-route', node, peer: peer.node, block: name },
        {
          subject: name,
          confidence: 'certain',
          nodes: [peer.node],
          about: [`network:${name}`, `node:${node}`, `node:${peer.node}`],
          evidence: [
            withNote<Note>(block.origin, 'block', peer.node),
            ...(way ? [withNote<Note>(way.origin, 'route')] : []),
            ...(tunnel ? [withNote<Note>(tunnel.origin, 'tunnel')] : []),
          ],
        },
      ),
    ]
  })
}

/** A route to everywhere is none to a block. */
function leadsTo({ type, destination }: RouteOfNode, block: RouteOfNode): boolean {
  return type === 'unicast' && destination.length > 0 && prefixCovers(destination, block.destination)
}
