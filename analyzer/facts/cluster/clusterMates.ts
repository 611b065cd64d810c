import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available } from '../../engine/availability.ts'
import { type OfNode, defineClusterFact, eachNode, valueOfNode } from '../../engine/fact.ts'
import type { Address } from '../../net/address.ts'
import type { KubeNode } from '../../parsers/kubeNodes.ts'
import { captured } from '../../sources/captured.ts'
import { nodeAddresses } from '../node/nodeAddresses.ts'
import { routes } from '../node/routes.ts'
import { vteps } from '../node/vteps.ts'
import { vxlanTables } from '../node/vxlanTables.ts'
import { kubeApi } from './kubeApi.ts'

/** Which nodes of a case are of one cluster. */
export interface ClusterMates {
  /** Ids of two bundles; undefined where nothing tells. */
  readonly of: (a: string, b: string) => boolean | undefined
}

/**
 * Whether two nodes are of one cluster: the API server lists both, or one alone (the other was deleted, or has not joined); their
 * kubeconfigs trust one certificate authority; or they have entries for each other’s pods, straight or by way of a third. What a
 * network is called proves nothing: clusters have the same pod networks by default.
 */
export const clusterMates = defineClusterFact({
  name: 'nodes of one cluster',
  needs: {
    addresses: eachNode(nodeAddresses),
    kubeconfigs: eachNode(captured.kubeConfigs),
    vteps: eachNode(vteps),
    tables: eachNode(vxlanTables),
    routes: eachNode(routes),
  },
  wants: { kubeNodes: kubeApi.nodes },
  compute({ addresses, kubeconfigs, vteps, tables, routes, kubeNodes }): Availability<ClusterMates> {
    const listed = listedNodes(addresses, kubeNodes)
    const authorities = new Map(
      kubeconfigs.map(({ node, value }) => [
        node.id,
        new Set(value.value.map(({ caSha256 }) => caSha256).filter((digest) => digest !== '')),
      ]),
    )
    const group = groups()
    const ownerOfMac = new Map(vteps.flatMap(({ node, value }) => value.map(({ mac }) => [mac, node.id])))
    const ownerOfAddress = new Map(
      addresses.flatMap(({ node, value }) => value.map(({ address }) => [address, node.id] as const)),
    )
    for (const { node, value } of vteps) {
      const own = valueOfNode(tables, node.id)
      for (const { device } of value) {
        const known = [...(own?.neighbours(device.name).values() ?? [])].map(({ mac }) => mac)
        for (const mac of [...known, ...(own?.forwarding(device.name).keys() ?? [])]) {
          group.join(node.id, ownerOfMac.get(mac))
        }
      }
    }
    for (const { node, value } of routes) {
      // The default gateway may be a node of another cluster.
      for (const { via, destination } of value.all) {
        if (via !== undefined && destination.length > 0) group.join(node.id, ownerOfAddress.get(via))
      }
    }
    return available({
      of(a, b) {
        if (listed.has(a) || listed.has(b)) return listed.has(a) && listed.has(b)
        const [ours, theirs] = [authorities.get(a), authorities.get(b)]
        if (ours && theirs && ours.size > 0 && theirs.size > 0)
          return [...ours].some((digest) => theirs.has(digest))
        return group.of(a) === group.of(b) || undefined
      },
    })
  },
})

/** Ids of the bundles whose node the API server lists, by its name or its address; empty where the list is not whole. */
function listedNodes(
  addresses: readonly OfNode<readonly { readonly address: Address }[]>[],
  kubeNodes: Capture<readonly KubeNode[]> | undefined,
): ReadonlySet<string> {
  if (kubeNodes?.status !== 'ok') return new Set()
  const names = new Set(kubeNodes.value.flatMap(({ name }) => [name, name.split('.')[0]]))
  const internal = new Set(kubeNodes.value.flatMap(({ internalAddresses }) => internalAddresses))
  const listed = addresses.filter(
    ({ node, value }) =>
      names.has(node.bundle.node.toLowerCase()) || value.some(({ address }) => internal.has(address)),
  )
  return new Set(listed.map(({ node }) => node.id))
}

/** Groups that grow together. */
function groups() {
  const leader = new Map<string, string>()
  const of = (id: string): string => {
    let at = id
    for (let next = leader.get(at); next !== undefined; next = leader.get(at)) at = next
    return at
  }
  const join = (a: string, b: string | undefined): void => {
    if (b !== undefined && of(a) !== of(b)) leader.set(of(b), of(a))
  }
  return { of, join }
}
