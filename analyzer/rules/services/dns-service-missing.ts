import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import type { Inputs } from '../../engine/fact.ts'
import { type Found, clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { clusterNetworks } from '../../facts/cluster/clusterNetworks.ts'
import { kubeServices } from '../../facts/cluster/kubeServices.ts'
import { clock } from '../../facts/node/clock.ts'
import { type ClusterDns, clusterDns } from '../../facts/node/clusterDns.ts'
import { interfaces } from '../../facts/node/interfaces.ts'
import { logSignals } from '../../facts/node/logSignals.ts'
import { proxyMode } from '../../facts/node/proxyMode.ts'
import { services } from '../../facts/node/services.ts'
import { whole } from '../../facts/node/whole.ts'
import { isLinkLocal, isLoopback } from '../../net/address.ts'
import { prefixContains } from '../../net/prefix.ts'
import { type DnsServiceMissing, type Note, text } from './dns-service-missing.text.ts'
import { lastingFailure } from './lastingFailure.ts'
import { serviceRole } from './serviceRole.ts'

const DNS_PORT = 53
const PROTOCOLS = ['udp', 'tcp'] as const
/** The service account of CoreDNS, as its manifests and charts name it. */
const COREDNS = /^system:serviceaccount:[\w.-]{1,63}:[\w.-]{0,100}(?:coredns|kube-dns)/

const wants = {
  dns: clusterDns,
  mode: proxyMode,
  services: whole(services),
  networks: clusterNetworks,
  interfaces,
  api: kubeServices,
  logs: logSignals,
  clock,
}
type Given = Inputs<Record<never, never>, typeof wants>
type DnsFound = Found<DnsServiceMissing, Note>

/** Pods are told a name server that no Service of the node answers at, or CoreDNS may not read what it should answer with. */
export default defineRule({
  id: 'dns-service-missing',
  area: 'services',
  severity: 'critical',
  references: [
    {
      title: 'Kubernetes documentation, Debugging DNS Resolution',
      url: 'https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/',
    },
    {
      title: 'CoreDNS lacks the right to list EndpointSlices after an upgrade',
      url: 'https://github.com/coredns/coredns/issues/5495',
    },
  ],
  needs: {},
  wants,
  text,
  check(inputs, node) {
    const { mode, dns, services, networks } = inputs
    const refused = refusals(inputs, node.id)
    if (mode?.mode === 'none' && refused.length === 0) return notApplicable('noProxy')
    const missing =
      mode?.mode === 'none' ? [] : (dns ?? []).flatMap((server) => missingAt(server, inputs, node.id))
    const all = [...missing, ...refused]
    if (all.length > 0) return all
    if (dns === undefined || dns.length === 0) return unchecked('noConfig')
    if (services === undefined) return unchecked('noServices')
    const isServed = dns.every(({ address }) => services.some((service) => service.address === address))
    // Without the service network it cannot be told whether the address is a Service's.
    return isServed || (networks?.services ?? []).length > 0 ? clear() : unchecked('noNetwork')
  },
})

function missingAt(server: ClusterDns, inputs: Given, node: string): readonly DnsFound[] {
  const { services, mode, api } = inputs
  const { address, origin } = server
  if (services === undefined || mode === undefined || !isOfServices(server, inputs)) return []
  const own = services.filter((service) => service.kind === 'cluster' && service.address === address)
  const served = new Set(own.filter(({ port }) => port === DNS_PORT).map(({ protocol }) => protocol))
  const missing = PROTOCOLS.filter((protocol) => !served.has(protocol))
  if (missing.length === 0) return []
  const known = [...(api?.values() ?? [])]
  const dnsService = known.find(
    ({ service }) =>
      serviceRole(`${service.namespace}/${service.name}`, service.labels.get('k8s-app')) === 'dns',
  )
  const data: DnsServiceMissing = {
    kind: 'missing',
    node,
    address,
    mode: mode.mode,
    missing,
    inApi: api === undefined ? undefined : (dnsService?.service.clusterAddresses ?? []),
  }
  return [
    found<DnsServiceMissing, Note>(data, {
      subject: address,
      severity: missing.includes('udp') ? 'critical' : 'medium',
      confidence: 'certain',
      about: [`node:${node}`, `address:${address}`],
      evidence: [
        withNote<Note>(origin, 'configured'),
        ...own.slice(0, 1).map((service) => withNote<Note>(service.origin, 'other')),
        ...mode.evidence.map((line) => withNote<Note>(line, 'rules')),
        ...(dnsService ? [withNote<Note>(dnsService.origin, 'api')] : []),
      ],
    }),
  ]
}

/** NodeLocal DNSCache has an address of its own on the node, and a name server outside the cluster needs no Service. */
function isOfServices({ address }: ClusterDns, { interfaces, networks }: Given): boolean {
  if (isLinkLocal(address) || isLoopback(address)) return false
  const isOnNode = (interfaces ?? []).some(
    ({ role, addresses }) => role !== 'ipvs' && addresses.some((held) => held.address === address),
  )
  return !isOnNode && (networks?.services ?? []).some(({ prefix }) => prefixContains(prefix, address))
}

function refusals({ logs, clock }: Given, node: string): readonly DnsFound[] {
  const lines = (logs?.of('list-refused')?.lines ?? []).filter(({ groups }) =>
    COREDNS.test(groups.get('user') ?? ''),
  )
  const failure = lastingFailure(lines, clock)
  if (failure === undefined) return []
  const { first, last, confidence } = failure
  const { groups } = last
  return [
    found<DnsServiceMissing, Note>(
      { kind: 'forbidden', node, object: groups.get('kind') ?? '', user: groups.get('user') ?? '' },
      {
        subject: 'forbidden',
        severity: 'high',
        confidence,
        about: [`node:${node}`],
        evidence: [withNote<Note>(last.origin, 'last'), withNote<Note>(first.origin, 'first')],
      },
    ),
  ]
}
