import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { type OfNode, defineClusterFact, eachNode } from '../../engine/fact.ts'
import type { ClusterScope } from '../../engine/scope.ts'
import { type Address, isV4, parseAddress } from '../../net/address.ts'
import type { KubePod } from '../../parsers/kubePods.ts'
import { captured } from '../../sources/captured.ts'
import type { Line } from '../../text/line.ts'
import { isLive } from './isLive.ts'
import { kubeApi } from './kubeApi.ts'

/** A place where somebody wrote an address out. */
export interface WrittenPlace {
  readonly in: 'variable' | 'command' | 'hosts'
  /** The workload that makes the pods (a pod that nobody tends: itself); of /etc/hosts a node. */
  readonly owner: { readonly kind: string; readonly namespace: string; readonly name: string }
  /** Name of the variable, or the names that /etc/hosts gives the address. */
  readonly name: string
  /** The whole value, word of the command, or line. */
  readonly text: string
  /** Ids of the bundles of the nodes that it matters to: where such pods are; where none of those sent one, of that which lists them. */
  readonly nodes: ReadonlySet<string>
  readonly origin: Evidence
}

/** Places by the address that is written there. */
export type WrittenAddresses = ReadonlyMap<Address, readonly WrittenPlace[]>

/**
 * IPv4 addresses that are written into the environment or the command of pods, and into /etc/hosts of nodes. A field that the API fills in
 * (`valueFrom`) has no value there. A pod's own address, networks, and lists of
 * whom not to ask a proxy for, are left out.
 */
export const writtenAddresses = defineClusterFact({
  name: 'addresses that are written out',
  needs: { hosts: eachNode(captured.hosts) },
  wants: { pods: kubeApi.pods },
  compute({ hosts, pods }, cluster): Availability<WrittenAddresses> {
    const places = [...(pods ? inPods(pods, cluster) : []), ...hosts.flatMap(inHosts)]
    const merged = new Map<string, Placed & { readonly nodes: Set<string> }>()
    for (const place of places) {
      const { owner, name } = place
      const key = [place.address, place.in, owner.kind, owner.namespace, owner.name, name].join(' ')
      const known = merged.get(key)
      if (known === undefined) merged.set(key, { ...place, nodes: new Set(place.nodes) })
      else for (const node of place.nodes) known.nodes.add(node)
    }
    const byAddress = new Map<Address, WrittenPlace[]>()
    for (const { address, ...place } of merged.values()) {
      const known = byAddress.get(address)
      if (known === undefined) byAddress.set(address, [place])
      else known.push(place)
    }
    return available(byAddress)
  },
})

interface Placed extends WrittenPlace {
  readonly address: Address
}

/** Whom not to ask a proxy for; and names that tell the pod of itself, and are filled in by the API or by whoever makes the pod. */
const SPARED = /no_?proxy|(?:^|_)(?:pod|host|node)_?ips?$/i

function inPods(pods: Capture<readonly KubePod[]>, cluster: ClusterScope): readonly Placed[] {
  return pods.value.filter(isLive).flatMap((pod): readonly Placed[] => {
    const literals = pod.containers
      .flatMap((container) => container.literals)
      .filter(({ variable }) => variable === undefined || !SPARED.test(variable))
    if (literals.length === 0) return []
    const owner = workloadOf(pod)
    const nodes = new Set(bundlesOf(pod, cluster))
    return literals.flatMap(({ variable, text, addresses, line }) => {
      const origin = pods.cite(line)
      const others = addresses.filter((address) => !pod.podAddresses.includes(address))
      return others.map((address): Placed => ({
        address,
        in: variable === undefined ? 'command' : 'variable',
        owner,
        name: variable ?? '',
        text,
        nodes: nodes.size > 0 ? nodes : new Set([origin.bundle]),
        origin,
      }))
    })
  })
}

function bundlesOf({ nodeName }: KubePod, { nodes }: ClusterScope): readonly string[] {
  if (nodeName === undefined) return []
  const names = new Set([nodeName, nodeName.split('.')[0]])
  return nodes.filter(({ bundle }) => names.has(bundle.node.toLowerCase())).map(({ id }) => id)
}

/** A Deployment’s ReplicaSet is named for the hash of the template, which its pods bear as a label. */
function workloadOf({ namespace, name, controller, labels }: KubePod): WrittenPlace['owner'] {
  if (controller === undefined) return { kind: 'Pod', namespace, name }
  const suffix = `-${labels.get('pod-template-hash') ?? ''}`
  if (controller.kind === 'ReplicaSet' && suffix !== '-' && controller.name.endsWith(suffix)) {
    return { kind: 'Deployment', namespace, name: controller.name.slice(0, -suffix.length) }
  }
  return { ...controller, namespace }
}

/** hosts(5): an address, then names; a # begins a comment. */
function inHosts({ node, value }: OfNode<Capture<readonly Line[]>>): readonly Placed[] {
  return value.value.flatMap((line): readonly Placed[] => {
    const [first = '', ...names] = (line.text.split('#')[0] ?? '').trim().split(/\s+/)
    const address = parseAddress(first)
    if (address === undefined || !isV4(address) || names.length === 0) return []
    return [
      {
        address,
        in: 'hosts',
        owner: { kind: 'Node', namespace: '', name: node.id },
        name: names.join(' '),
        text: line.text,
        nodes: new Set([node.id]),
        origin: value.cite(line),
      },
    ]
  })
}
