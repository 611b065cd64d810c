import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, type Evidence, withNote } from '../../engine/evidence.ts'
import { type Inputs, eachNode } from '../../engine/fact.ts'
import { type Found, clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { type AddressOwners, addressOwners } from '../../facts/cluster/addressOwners.ts'
import { kubeApi } from '../../facts/cluster/kubeApi.ts'
import { type TakenAddress, takenAddresses } from '../../facts/cluster/takenAddresses.ts'
import { ipvsAddresses } from '../../facts/node/ipvsAddresses.ts'
import { logSignals } from '../../facts/node/logSignals.ts'
import { nodeAddresses } from '../../facts/node/nodeAddresses.ts'
import type { Address } from '../../net/address.ts'
import { prefixContains, prefixOf } from '../../net/prefix.ts'
import { pathBetween } from '../addresses/pathBetween.ts'
import { type TakenByService, type TakingService, text } from './ipvs-external-ip-is-node-ip.text.ts'

type Note = 'martian' | 'held' | 'route' | 'owner' | 'apiServer' | 'virtual' | 'set'

const needs = { own: ipvsAddresses, taken: takenAddresses, owners: addressOwners }
const wants = { addresses: nodeAddresses, services: kubeApi.services, logs: eachNode(logSignals) }

/**
 * A Service's external or load balancer address is the address of a node or of the API server. kube-proxy in IPVS mode puts it on
 * kube-ipvs0 of every node, whose kernels take it for their own (kubernetes#104679, #66966; the ARP effect as captured from a
 * 6.1 kernel: fib_validate_source refuses a request whose sender's address is local).
 */
export default defineRule({
  id: 'ipvs-external-ip-is-node-ip',
  area: 'ipvs',
  severity: 'critical',
  references: [
    {
      title: 'kubernetes/kubernetes#104679: nodes NotReady after externalIPs is a node address, IPVS mode',
      url: 'https://github.com/kubernetes/kubernetes/issues/104679',
    },
    {
      title: 'kubernetes/kubernetes#93175: no route to host',
      url: 'https://github.com/kubernetes/kubernetes/issues/93175',
    },
    { title: 'Linux net/ipv4/arp.c, arp_process, and fib_validate_source' },
  ],
  needs,
  wants,
  text,
  check(inputs, node) {
    const { own, taken, owners, addresses } = inputs
    const concerned = taken.filter((one) => nodesOf(one).includes(node.id))
    if (concerned.length > 0) return concerned.map((one) => judge(one, inputs))
    if (own.size === 0) return notApplicable('notIpvs')
    const networks = (addresses ?? []).flatMap(({ address, prefixLength }) =>
      prefixLength === undefined ? [] : [prefixOf(address, prefixLength)],
    )
    const inReach = [...own.keys()].some((address) =>
      networks.some((network) => prefixContains(network, address)),
    )
    const knowsPeers = [...owners.values()].some((known) => known.some((owner) => owner.node !== node.id))
    return inReach && !knowsPeers && hasExternal(inputs) ? unchecked('peersUnknown') : clear()
  },
})

function hasExternal({ own, addresses }: Inputs<typeof needs, typeof wants>): boolean {
  const mine = new Set(addresses?.map(({ address }) => address))
  return [...own].some(([address, { isClusterAddress }]) => !isClusterAddress && !mine.has(address))
}

/** Ids of the bundles of takers and owners. */
function nodesOf({ takers, owners }: TakenAddress): string[] {
  return [
    ...takers.map(({ node }) => node),
    ...owners.filter(({ present }) => present).map(({ node }) => node),
  ]
}

function judge(
  taken: TakenAddress,
  { owners, services, logs }: Inputs<typeof needs, typeof wants>,
): Found<TakenByService, Note> {
  const { address, takers, apiServer } = taken
  const ownerNames = [...new Set(taken.owners.map(({ node }) => node))]
  const others = takers.filter(({ node }) => !ownerNames.includes(node))
  const serving = servicesWith(address, services?.value ?? [])
  const opened = (logs ?? []).flatMap(({ value }) => value.of('kube-proxy-opened-port')?.lines ?? [])
  const logged = opened
    .filter(({ groups }) => groups.get('address') === address && groups.get('purpose') === 'externalIP')
    .map(({ groups }) => namedService(groups.get('service') ?? ''))
  // Logged with log_martians only: a packet that claims an address which the node takes for its own (net/ipv4/route.c).
  const martians = (logs ?? [])
    .filter(({ node }) => others.some((other) => other.node === node.id))
    .flatMap(({ value }) => value.of('martian-source')?.lines ?? [])
    .filter(({ groups }) => groups.get('source') === address)
    .slice(-1)
    .map(({ origin }) => origin)
  const certain =
    takers.every(({ held }) => held.local.length > 0) &&
    (apiServer.length > 0 || taken.owners.some(({ origin }) => origin !== undefined))
  return found<TakenByService, Note>(
    {
      address,
      takers: takers.map(({ node }) => node),
      others: others.map(({ node }) => node),
      owners: ownerNames,
      ownerSeen: taken.owners.some(({ present }) => present),
      isApiServer: apiServer.length > 0,
      isControlPlane: taken.owners.some(({ isControlPlane }) => isControlPlane),
      services: serving.length > 0 ? serving : uniqueServices(logged),
      ports: portsOf(taken),
    },
    {
      subject: address,
      severity: others.length > 0 ? 'critical' : 'high',
      confidence: certain ? 'certain' : 'likely',
      evidence: [...evidenceOf(taken), ...martians.map((origin) => withNote<Note>(origin, 'martian'))],
      nodes: nodesOf(taken),
      about: [
        `address:${address}`,
        ...serving.map(({ namespace, name }) => `service:${namespace}/${name}` as const),
        ...others.flatMap(({ node }) =>
          addressesOf(owners, node).map((other) => pathBetween(other, address)),
        ),
      ],
    },
  )
}

function addressesOf(owners: AddressOwners, node: string): Address[] {
  return [...owners]
    .filter(([, known]) => known.some((owner) => owner.node === node))
    .map(([address]) => address)
}

type KubeServices = NonNullable<Inputs<typeof needs, typeof wants>['services']>['value']

function servicesWith(address: Address, services: KubeServices): TakingService[] {
  return services.flatMap(
    ({ namespace, name, externalAddresses, loadBalancerAddresses }): TakingService[] => {
      if (externalAddresses.includes(address)) return [{ namespace, name, field: 'externalIPs' }]
      return loadBalancerAddresses.includes(address) ? [{ namespace, name, field: 'loadBalancer' }] : []
    },
  )
}

/** kube-proxy's log names the Service with its port: `default/busybox:http`. */
function namedService(text: string): TakingService {
  const [namespace = '', name = ''] = (text.split(':')[0] ?? '').split('/')
  return { namespace, name, field: 'externalIPs' }
}

function uniqueServices(services: readonly TakingService[]): TakingService[] {
  return [...new Map(services.map((service) => [`${service.namespace}/${service.name}`, service])).values()]
}

/** Of the Service alone: on a node's own address IPVS serves every NodePort too, so that a taker that does not own it tells. */
function portsOf({ takers, owners }: TakenAddress): string[] {
  const foreign = takers.filter(({ node }) => !owners.some((owner) => owner.node === node))
  const ports = foreign.flatMap(({ held }) => held.ports.map(({ protocol, port }) => `${port}/${protocol}`))
  return [...new Set(ports)]
}

function evidenceOf({ takers, owners, apiServer }: TakenAddress): (Citation<Note> | Evidence)[] {
  const isOwner = (node: string) => owners.some((owner) => owner.node === node)
  const held = takers.flatMap(({ node, held }) => [
    ...held.local.map((origin) => withNote<Note>(origin, origin.path.includes('route') ? 'route' : 'held')),
    ...held.ports.slice(0, isOwner(node) ? 0 : 1).map(({ origin }) => withNote<Note>(origin, 'virtual')),
    ...held.external.slice(0, 1).map((origin) => withNote<Note>(origin, 'set')),
  ])
  const proofs = owners.flatMap(({ origin, node }) => (origin ? [withNote<Note>(origin, 'owner', node)] : []))
  const servers = apiServer.slice(0, 2).map(({ origin }) => withNote<Note>(origin, 'apiServer'))
  return [...held.slice(0, 1), ...proofs.slice(0, 2), ...servers, ...held.slice(1, 5)]
}
