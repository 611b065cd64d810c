import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineClusterFact, eachNode, valueOfNode } from '../../engine/fact.ts'
import { type Address, isV4, parseAddress } from '../../net/address.ts'
import type { KubeNode } from '../../parsers/kubeNodes.ts'
import { kubeNodeOf } from '../node/nodeAddresses.ts'
import { type VxlanTables, vxlanTables } from '../node/vxlanTables.ts'
import { tunnelBetween } from '../node/wayToPods.ts'
import { capturedAt } from './capturedAt.ts'
import { clusterMates } from './clusterMates.ts'
import { FAR_APART_MS } from './farApart.ts'
import { kubeApi } from './kubeApi.ts'
import { type PodPeer, podPeers } from './podPeers.ts'

/** The address by which flannel has other nodes reach one. */
export interface PublicAddress {
  /** Id of its bundle; where it sent none, its name at the API server. */
  readonly node: string
  readonly isPresent: boolean
  readonly address: Address
  /** Who says so: the node’s annotation, a peer’s forwarding entry for its VXLAN device, or that device alone, which sends by it. */
  readonly source: 'announced' | 'forwarding' | 'device'
  /** Somebody set it on purpose (public-ip-overwrite, ExternalIP): it may be translated on the way, and be none of the node’s own. */
  readonly isChosen: boolean
  /** The API server hears from the node; true where nobody asked it. */
  readonly isReady: boolean
  /** `vxlan`, `host-gw`, `wireguard`…; '' where only the API server would tell. */
  readonly backend: string
  /** The two sides were captured more than ten minutes apart, so that the address may have changed in between. */
  readonly isFarApart: boolean
  readonly origin: Evidence
}

const PREFIX = 'flannel.alpha.coreos.com/'

/**
 * By which address each node of the case, or of the API server’s list, is to be reached, one of each family. Left out are annotations
 * of clouds that route by themselves (`alloc`), and those of nodes that flannel does not manage any more.
 * flannel pkg/subnet/kube/annotations.go and kube.go, AcquireLease.
 */
export const publicAddresses = defineClusterFact({
  name: 'addresses that flannel announces',
  needs: { peers: podPeers, mates: clusterMates, tables: eachNode(vxlanTables), times: capturedAt },
  wants: { kubeNodes: kubeApi.nodes },
  compute({ peers, mates, tables, times, kubeNodes }, cluster): Availability<readonly PublicAddress[]> {
    const ids = new Map(cluster.nodes.map((node) => [kubeNodeOf(node, kubeNodes)?.name, node.id]))
    const announced = (kubeNodes?.value ?? []).flatMap((known) => {
      const id = ids.get(known.name)
      return kubeNodes === undefined ? [] : announcedOf(known, id, kubeNodes, times)
    })
    const others = peers.flatMap((peer) => {
      const told = announced.filter(({ node, isPresent }) => isPresent && node === peer.node)
      const tellers = peers.filter(({ node }) => node !== peer.node && mates.of(node, peer.node) === true)
      return peer.vteps.flatMap((vtep): readonly PublicAddress[] => {
        if (told.some(({ address }) => isV4(address) === isV4(vtep.address))) return []
        const known = tellers.flatMap((teller) => forwardedTo(peer, vtep, teller, tables) ?? [])[0]
        if (known !== undefined) return [known]
        const local = vtep.device.vxlan?.local
        const origin = vtep.device.vxlanOrigin
        if (local === undefined || origin === undefined) return []
        return [{ ...SILENT, node: peer.node, address: local, source: 'device', origin }]
      })
    })
    return available([...announced, ...others])
  },
})

/** What is known where the API server was not asked. */
const SILENT = {
  isPresent: true,
  isChosen: false,
  isReady: true,
  backend: '',
  isFarApart: false,
} as const

function announcedOf(
  known: KubeNode,
  id: string | undefined,
  kubeNodes: Capture<readonly KubeNode[]>,
  times: ReadonlyMap<string, number>,
): readonly PublicAddress[] {
  const annotation = (key: string) => known.annotations.get(`${PREFIX}${key}`) ?? ''
  const backend = annotation('backend-type')
  if (annotation('kube-subnet-manager') !== 'true' || backend === 'alloc') return []
  const origin = kubeNodes.cite(known.line)
  const askedAtMs = times.get(origin.bundle) ?? 0
  const apartMs = id === undefined ? 0 : Math.abs((times.get(id) ?? askedAtMs) - askedAtMs)
  return ['public-ip', 'public-ipv6'].flatMap((key): readonly PublicAddress[] => {
    const address = parseAddress(annotation(key))
    if (address === undefined) return []
    return [
      {
        node: id ?? known.name,
        isPresent: id !== undefined,
        address,
        source: 'announced',
        isChosen: annotation(`${key}-overwrite`) !== '' || known.externalAddresses.includes(address),
        isReady: !known.conditions.some(({ type, status }) => type === 'Ready' && status !== 'True'),
        backend,
        isFarApart: apartMs > FAR_APART_MS,
        origin,
      },
    ]
  })
}

function forwardedTo(
  peer: PodPeer,
  vtep: PodPeer['vteps'][number],
  teller: PodPeer,
  tables: Parameters<typeof valueOfNode<VxlanTables>>[0],
): PublicAddress | undefined {
  const device = tunnelBetween(teller.vteps, [vtep], vtep.address)?.own.device.name
  const table = valueOfNode(tables, teller.node)
  if (device === undefined || table === undefined) return undefined
  // The teller may have another hardware address for it, which does not matter here.
  const mac = table.neighbours(device).get(vtep.address)?.mac ?? vtep.mac
  const [way] = table.forwarding(device).get(mac) ?? []
  if (way === undefined) return undefined
  const apartMs = Math.abs((peer.collectedAtMs ?? 0) - (teller.collectedAtMs ?? 0))
  return {
    ...SILENT,
    node: peer.node,
    address: way.dst,
    source: 'forwarding',
    isFarApart: apartMs > FAR_APART_MS,
    origin: way.origin,
  }
}
