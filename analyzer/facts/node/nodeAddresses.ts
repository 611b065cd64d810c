import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import type { NodeScope } from '../../engine/scope.ts'
import { type Address, isLinkLocal, isLoopback } from '../../net/address.ts'
import type { KubeNode } from '../../parsers/kubeNodes.ts'
import { kubeApi } from '../cluster/kubeApi.ts'
import { interfaces } from './interfaces.ts'

/** An address by which others reach the node. */
export interface NodeAddress {
  readonly address: Address
  /** The interface that holds it; left out where only the API server names it. */
  readonly device?: string
  /** Bits of the network on the link; left out with the device. */
  readonly prefixLength?: number
  /** The API server lists it as the node's InternalIP or ExternalIP. */
  readonly registered: boolean
  readonly origin: Evidence
}

/**
 * The addresses that are the node's own: those of its host interfaces, not of loopback, plugin, container or kube-ipvs0 devices, nor
 * link-local ones; and those that the API server knows the node by.
 */
export const nodeAddresses = defineNodeFact({
  name: 'node addresses',
  needs: { interfaces },
  wants: { kubeNodes: kubeApi.nodes },
  compute({ interfaces, kubeNodes }, node): Availability<readonly NodeAddress[]> {
    const registered = registeredAddresses(node, kubeNodes)
    const held = interfaces
      .filter(({ role }) => role === 'host')
      .flatMap(({ name, addresses }) =>
        addresses
          .filter(({ address }) => !isLinkLocal(address) && !isLoopback(address))
          .map(({ address, prefixLength, origin }) => ({
            address,
            device: name,
            prefixLength,
            registered: registered.some((known) => known.address === address),
            origin,
          })),
      )
    const elsewhere = registered.filter(({ address }) => !held.some((known) => known.address === address))
    return available([...held, ...elsewhere])
  },
})

/** What the API server calls this node: its name there is its host name, as the kubelet registers it by default. */
export function kubeNodeOf(
  node: NodeScope,
  kubeNodes: Capture<readonly KubeNode[]> | undefined,
): KubeNode | undefined {
  const name = node.bundle.node.toLowerCase()
  return kubeNodes?.value.find((known) => known.name === name || known.name.split('.')[0] === name)
}

function registeredAddresses(
  node: NodeScope,
  kubeNodes: Capture<readonly KubeNode[]> | undefined,
): NodeAddress[] {
  const known = kubeNodeOf(node, kubeNodes)
  if (known === undefined || kubeNodes === undefined) return []
  const origin = kubeNodes.cite(known.line)
  return [...known.internalAddresses, ...known.externalAddresses].map((address) => ({
    address,
    registered: true,
    origin,
  }))
}
