import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineClusterFact, eachNode } from '../../engine/fact.ts'
import { type Address, addressFromBigInt, addressToBigInt, isV4 } from '../../net/address.ts'
import { addressesIn } from '../../net/addressesIn.ts'
import { type Prefix, prefixContains, prefixOf } from '../../net/prefix.ts'
import type { KubeNode } from '../../parsers/kubeNodes.ts'
import type { KubePod } from '../../parsers/kubePods.ts'
import type { KubeService } from '../../parsers/kubeServices.ts'
import { interfaces } from '../node/interfaces.ts'
import type { CitedPrefix } from '../node/podNetworks.ts'
import { clusterNetworks } from './clusterNetworks.ts'
import { isLive } from './isLive.ts'
import { kubeApi } from './kubeApi.ts'
import { podAddressFates } from './podAddressFates.ts'
import { type WrittenPlace, writtenAddresses } from './writtenAddresses.ts'

/** Whose a written address is. */
export type AddressHolder =
  /** Of a pod that runs. */
  | { readonly kind: 'pod'; readonly name: string; readonly origin: Evidence }
  /** Of the pod networks, and no pod has it; `former`, a pod that has ended had it. */
  | { readonly kind: 'no-pod'; readonly former?: string; readonly proof: readonly Evidence[] }
  /** Of the pod networks; whether a pod has it is not known. */
  | { readonly kind: 'unknown'; readonly origin: Evidence }
  /** The cluster address of a Service. */
  | { readonly kind: 'service'; readonly service: KubeService; readonly origin: Evidence }
  /** Of a service network that a configuration declares, and no Service has it. */
  | { readonly kind: 'no-service'; readonly proof: readonly Evidence[] }

/** An address of pods or Services that is written out somewhere. */
export interface HardcodedAddress {
  readonly address: Address
  readonly holder: AddressHolder
  readonly places: readonly WrittenPlace[]
}

/** Written by whoever wrote it for good: what the kubelet puts into pods of itself, and container links before it. */
const OF_SERVICE = /_SERVICE_HOST$|_PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_ADDR)?)?$/

/**
 * Written addresses that belong to pods or Services, each with who has it now. Left out are addresses of nodes, their bridges, tunnels and
 * links, addresses that an annotation keeps for one pod, and the variables of Services that the kubelet makes too.
 */
export const hardcodedAddresses = defineClusterFact({
  name: 'hard-coded addresses',
  needs: { written: writtenAddresses, networks: clusterNetworks, interfaces: eachNode(interfaces) },
  wants: {
    pods: kubeApi.pods,
    services: kubeApi.services,
    kubeNodes: kubeApi.nodes,
    fates: podAddressFates,
  },
  compute(inputs): Availability<readonly HardcodedAddress[]> {
    const { written, networks, pods, services, kubeNodes, fates } = inputs
    if (written.size === 0) return available([])
    const ofHosts = inputs.interfaces.flatMap(({ value }) => value.filter(({ role }) => role === 'host'))
    const links = ofHosts.flatMap(({ addresses }) =>
      addresses.map(({ address, prefixLength }) => prefixOf(address, prefixLength)),
    )
    const ownOfNodes = new Set([
      ...inputs.interfaces
        .flatMap(({ value }) =>
          value.filter(({ role }) => role !== 'ipvs').flatMap(({ addresses }) => addresses),
        )
        .map(({ address }) => address),
      ...(kubeNodes?.value ?? []).flatMap(ofKubeNode),
      ...networks.podsOfNodes.flatMap(({ prefix }) => gatewaysOf(prefix)),
      ...(pods?.value ?? []).flatMap(({ fixedAddresses }) => fixedAddresses),
      ...(services?.value ?? []).flatMap(({ externalAddresses }) => externalAddresses),
      ...(services?.value ?? []).flatMap(({ loadBalancerAddresses }) => loadBalancerAddresses),
    ])
    const byAddress = podsByAddress(pods)
    const serviceOf = servicesByAddress(services)

    /** The nodes reach it on a network of their own, which is no wider. */
    const isOnLink = (address: Address, { prefix }: CitedPrefix): boolean =>
      links.some((link) => link.length >= prefix.length && prefixContains(link, address))

    const ofPodNetwork = (address: Address): AddressHolder | undefined => {
      const network = containing([...networks.podsOfNodes, ...networks.pods], address)
      if (network === undefined || isOnLink(address, network)) return undefined
      if (pods?.status === 'ok') {
        const former = byAddress.get(address)
        const proof = [network.origin, pods.cite(former ? former.line : { number: 0, text: '' })]
        return { kind: 'no-pod', proof, ...(former && { former: nameOf(former) }) }
      }
      const [reserved] = fates?.(address).filter(({ by }) => by === 'reservations') ?? []
      return reserved
        ? { kind: 'no-pod', proof: [network.origin, reserved.origin] }
        : { kind: 'unknown', origin: network.origin }
    }

    const holderOf = (address: Address): AddressHolder | undefined => {
      const service = serviceOf.get(address)
      if (service && services) {
        return { kind: 'service', service, origin: services.cite(service.line) }
      }
      const pod = byAddress.get(address)
      if (pod && pods && isLive(pod)) return { kind: 'pod', name: nameOf(pod), origin: pods.cite(pod.line) }
      const ofPods = ofPodNetwork(address)
      if (ofPods !== undefined) return ofPods
      const network = containing(networks.services, address)
      // A network that was made of the known Services says nothing of what lies between them.
      if (services?.status !== 'ok' || network === undefined || network.origin.path === services.path)
        return undefined
      if (isOnLink(address, network)) return undefined
      return { kind: 'no-service', proof: [network.origin, services.cite({ number: 0, text: '' })] }
    }

    const judged = [...written].flatMap(([address, all]): readonly HardcodedAddress[] => {
      if (ownOfNodes.has(address)) return []
      const holder = holderOf(address)
      if (holder === undefined) return []
      const isOfService = holder.kind === 'service' || holder.kind === 'no-service'
      const places = isOfService ? all.filter(({ name }) => !OF_SERVICE.test(name)) : all
      return places.length === 0 ? [] : [{ address, holder, places }]
    })
    return available(judged)
  },
})

/** flannel’s device has the first address of a node’s pod network, the bridge the second. */
function gatewaysOf({ address }: Prefix): readonly Address[] {
  return isV4(address) ? [address, addressFromBigInt(addressToBigInt(address) + 1n, 'v4')] : []
}

function nameOf({ namespace, name }: KubePod | KubeService): string {
  return `${namespace}/${name}`
}

function containing(networks: readonly CitedPrefix[], address: Address): CitedPrefix | undefined {
  return networks.find(({ prefix }) => prefixContains(prefix, address))
}

/** Live pods before those that have ended. Pods of the host’s network have the node’s address. */
function podsByAddress(pods: Capture<readonly KubePod[]> | undefined): ReadonlyMap<Address, KubePod> {
  const own = (pods?.value ?? []).filter(({ hostNetwork }) => !hostNetwork)
  const lastWins = own.toSorted((a, b) => Number(isLive(a)) - Number(isLive(b)))
  return new Map(lastWins.flatMap((pod) => pod.podAddresses.map((address) => [address, pod])))
}

function servicesByAddress(
  services: Capture<readonly KubeService[]> | undefined,
): ReadonlyMap<Address, KubeService> {
  return new Map(
    services?.value.flatMap((service) =>
      service.clusterAddresses.map((address) => [address, service] as const),
    ),
  )
}

/** Addresses of a node that no pod has: its own, of its tunnels as annotated, and the first two of its pods’ network. */
function ofKubeNode({
  internalAddresses,
  externalAddresses,
  podCidrs,
  annotations,
}: KubeNode): readonly Address[] {
  const gateways = podCidrs.flatMap(gatewaysOf)
  const annotated = [...annotations.values()].flatMap(addressesIn)
  return [...internalAddresses, ...externalAddresses, ...gateways, ...annotated]
}
