import { defineRule } from '../../engine/defineRule.ts'
import { type Evidence, withNote } from '../../engine/evidence.ts'
import type { Inputs } from '../../engine/fact.ts'
import { type Found, type Subject, clear, found, notApplicable } from '../../engine/verdict.ts'
import { type ClusterNetworks, clusterNetworks } from '../../facts/cluster/clusterNetworks.ts'
import { interfaces } from '../../facts/node/interfaces.ts'
import { nodeAddresses } from '../../facts/node/nodeAddresses.ts'
import type { CitedPrefix } from '../../facts/node/podNetworks.ts'
import { routes } from '../../facts/node/routes.ts'
import { type Address, isLinkLocal, isLoopback } from '../../net/address.ts'
import { type Prefix, formatPrefix, prefixContains, prefixOf, prefixesOverlap } from '../../net/prefix.ts'
import { captured } from '../../sources/captured.ts'
import { type CidrOverlap, text } from './cni-cidr-overlap-host.text.ts'

type Note = 'cluster' | 'address' | 'gateway' | 'nameserver' | 'network' | 'services'

const needs = { networks: clusterNetworks, interfaces, addresses: nodeAddresses, routes }
const wants = { resolv: captured.resolvConf }

/** An address of the host's world that lies inside a network of the cluster. */
interface Inside {
  readonly what: 'address' | 'gateway' | 'nameserver'
  readonly address: Address
  readonly origin: Evidence
}

/**
 * The networks of pods and Services are taken elsewhere too. Routes of pods are more specific than those of a wide network of the site
 * (10.0.0.0/8), so that such a one does no harm by itself: only what lies inside the cluster’s networks counts.
 */
export default defineRule({
  id: 'cni-cidr-overlap-host',
  area: 'cni',
  severity: 'critical',
  references: [
    {
      title: 'Kubernetes documentation, Cluster Networking: ranges must not overlap',
      url: 'https://kubernetes.io/docs/concepts/cluster-administration/networking/',
    },
    { title: 'ip-route(8): the longest prefix wins' },
  ],
  needs,
  wants,
  text,
  check(inputs, node) {
    const { networks, interfaces } = inputs
    const pods = distinct([...networks.pods, ...networks.podsOfNodes])
    if (pods.length === 0) return notApplicable('noNetworks')
    // What has no devices of a network plugin is no node with pods: it may be a container, whose address is one of theirs.
    const hasPods = interfaces.some(({ role }) => role === 'pod' || role === 'cni')
    const own = hasPods ? [...insideOf(pods, node.id, inputs), ...hostNetworks(pods, node.id, inputs)] : []
    const findings = [...podsAndServices(pods, networks), ...own]
    return findings.length > 0 ? findings : clear()
  },
})

function distinct(networks: readonly CitedPrefix[]): readonly CitedPrefix[] {
  return [...new Map(networks.map((network) => [formatPrefix(network.prefix), network])).values()]
}

function podsAndServices(
  pods: readonly CitedPrefix[],
  { services }: ClusterNetworks,
): Found<CidrOverlap, Note>[] {
  return distinct(services).flatMap((service) => {
    const pod = pods.find(({ prefix }) => prefixesOverlap(prefix, service.prefix))
    if (pod === undefined) return []
    const [name, other] = [formatPrefix(pod.prefix), formatPrefix(service.prefix)]
    return [
      found<CidrOverlap, Note>(
        { kind: 'services', network: name, services: other },
        {
          subject: `${name} ${other}`,
          confidence: 'certain',
          evidence: [
            withNote<Note>(pod.origin, 'cluster', name),
            withNote<Note>(service.origin, 'services', other),
          ],
          about: [`network:${name}`, `network:${other}`],
        },
      ),
    ]
  })
}

function insideOf(
  pods: readonly CitedPrefix[],
  node: string,
  inputs: Inputs<typeof needs, typeof wants>,
): Found<CidrOverlap, Note>[] {
  const own = ownPods(
    inputs.interfaces.filter(({ role }) => role !== 'host').flatMap(({ addresses }) => addresses),
  )
  return insiders(inputs)
    .filter(({ address }) => !isLoopback(address) && !isLinkLocal(address) && !own.has(address))
    .flatMap(({ what, address, origin }) => {
      const pod = pods.find(({ prefix }) => prefixContains(prefix, address))
      if (pod === undefined) return []
      const name = formatPrefix(pod.prefix)
      return [
        found<CidrOverlap, Note>(
          { kind: 'inside', node, network: name, what, address },
          {
            subject: `${what} ${address}`,
            confidence: 'certain',
            evidence: [withNote<Note>(origin, what, address), withNote<Note>(pod.origin, 'cluster', name)],
            about: [`network:${name}`, `address:${address}`, `node:${node}`],
          },
        ),
      ]
    })
}

function ownPods(addresses: readonly { readonly address: Address }[]): ReadonlySet<Address> {
  return new Set(addresses.map(({ address }) => address))
}

function insiders({ addresses, routes, resolv }: Inputs<typeof needs, typeof wants>): readonly Inside[] {
  const held = addresses
    .filter(({ device }) => device !== undefined)
    .map(({ address, origin }): Inside => ({ what: 'address', address, origin }))
  const gateways = [...routes.defaults('v4'), ...routes.defaults('v6')].flatMap(
    ({ via, origin }): Inside[] => (via === undefined ? [] : [{ what: 'gateway', address: via, origin }]),
  )
  const nameservers =
    resolv?.value.nameservers.map(({ address, line }): Inside => ({
      what: 'nameserver',
      address,
      origin: resolv.cite(line),
    })) ?? []
  return [...held, ...gateways, ...nameservers]
}

/** A network of the host, or of another container runtime, that takes a part of the pods' from the routes to them. */
function hostNetworks(
  pods: readonly CitedPrefix[],
  node: string,
  { interfaces }: Inputs<typeof needs, typeof wants>,
): Found<CidrOverlap, Note>[] {
  const found: Found<CidrOverlap, Note>[] = []
  for (const device of interfaces) {
    if ((device.role !== 'host' && device.role !== 'container-bridge') || !device.flags.has('UP')) continue
    for (const { address, prefixLength, origin } of device.addresses) {
      if (isLinkLocal(address) || isLoopback(address)) continue
      const taken = prefixOf(address, prefixLength)
      const hit = pods.filter(({ prefix }) => takes(taken, prefix))
      if (hit.length > 0) found.push(takenBy(device.name, taken, hit, node, origin))
    }
  }
  return found
}

/** Of two routes the more specific one wins: one that is as long as that to the pods, or longer, takes packets from it. */
function takes(host: Prefix, pods: Prefix): boolean {
  return prefixesOverlap(host, pods) && host.length >= pods.length
}

function takenBy(
  device: string,
  taken: Prefix,
  hit: readonly CitedPrefix[],
  node: string,
  origin: Evidence,
): Found<CidrOverlap, Note> {
  const [first] = hit
  const name = formatPrefix(first?.prefix ?? taken)
  const about = hit.map(({ prefix }): Subject => `network:${formatPrefix(prefix)}`)
  return found<CidrOverlap, Note>(
    { kind: 'network', node, network: name, device, taken: formatPrefix(taken) },
    {
      subject: `${device} ${formatPrefix(taken)}`,
      confidence: 'likely',
      evidence: [
        withNote<Note>(origin, 'network', formatPrefix(taken)),
        ...(first ? [withNote<Note>(first.origin, 'cluster', name)] : []),
      ],
      about: [...about, `node:${node}`, `device:${device}`],
    },
  )
}
