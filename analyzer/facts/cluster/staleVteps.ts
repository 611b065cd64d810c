import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineClusterFact, eachNode, valueOfNode } from '../../engine/fact.ts'
import { isV4 } from '../../net/address.ts'
import { type Mac, parseMac } from '../../net/mac.ts'
import type { KubeNode } from '../../parsers/kubeNodes.ts'
import type { Vtep } from '../node/vteps.ts'
import { type TunnelNeighbour, vxlanTables } from '../node/vxlanTables.ts'
import { tunnelBetween } from '../node/wayToPods.ts'
import { clusterMates } from './clusterMates.ts'
import { FAR_APART_MS } from './farApart.ts'
import { kubeApi } from './kubeApi.ts'
import { type PodPeer, podPeers } from './podPeers.ts'

/** A VXLAN device that others know by a hardware address which it does not have. */
export interface StaleVtep {
  /** Id of the bundle of the node that has the device. */
  readonly node: string
  readonly vtep: Vtep
  /** Nodes that send to another hardware address, each with its entry. */
  readonly observers: readonly { readonly node: string; readonly neighbour: TunnelNeighbour }[]
  /** What flannel announced for it, where that differs too. */
  readonly announced?: { readonly mac: Mac; readonly origin: Evidence }
  /** Some of the bundles were made more than ten minutes apart: the device may have changed in between. */
  readonly isFarApart: boolean
}

/** VXLAN devices of flannel whose hardware address is another one than peers, or the API server, have for it. */
export const staleVteps = defineClusterFact({
  name: 'VXLAN devices that others know by another hardware address',
  needs: { peers: podPeers, mates: clusterMates, tables: eachNode(vxlanTables) },
  wants: { kubeNodes: kubeApi.nodes },
  compute({ peers, mates, tables, kubeNodes }): Availability<readonly StaleVtep[]> {
    const stale = peers.flatMap((peer) =>
      peer.vteps.flatMap((vtep): StaleVtep[] => {
        const witnesses = peers.filter(({ node }) => node !== peer.node && mates.of(node, peer.node) === true)
        const observers = witnesses.flatMap((own) => {
          const tunnel = tunnelBetween(own.vteps, [vtep], vtep.address)
          const known = tunnel && valueOfNode(tables, own.node)?.neighbours(tunnel.own.device.name)
          const neighbour = known?.get(vtep.address)
          return neighbour === undefined || neighbour.mac === vtep.mac ? [] : [{ own, neighbour }]
        })
        const announced = announcedMac(peer, vtep, kubeNodes)
        if (observers.length === 0 && announced === undefined) return []
        return [
          {
            node: peer.node,
            vtep,
            observers: observers.map(({ own, neighbour }) => ({ node: own.node, neighbour })),
            ...(announced && { announced }),
            isFarApart: observers.some(({ own }) => isFar(own, peer)),
          },
        ]
      }),
    )
    return available(stale)
  },
})

function isFar(a: PodPeer, b: PodPeer): boolean {
  return Math.abs((a.collectedAtMs ?? 0) - (b.collectedAtMs ?? 0)) > FAR_APART_MS
}

/** `flannel.alpha.coreos.com/backend-data: {"VNI":1,"VtepMAC":"02:fe:00:00:00:01"}`, where it is another one than the device has. */
function announcedMac(
  { node }: PodPeer,
  { mac, address }: Vtep,
  kubeNodes: Capture<readonly KubeNode[]> | undefined,
): StaleVtep['announced'] {
  const known = kubeNodes?.value.find(({ name }) => name === node || name.split('.')[0] === node)
  const key = isV4(address) ? 'backend-data' : 'backend-v6-data'
  const text = known?.annotations.get(`flannel.alpha.coreos.com/${key}`) ?? ''
  const told = parseMac(/"VtepMAC":\s{0,4}"([^"]{17})"/.exec(text)?.[1] ?? '')
  if (kubeNodes === undefined || known === undefined || told === undefined || told === mac) return undefined
  return { mac: told, origin: kubeNodes.cite(known.line) }
}
