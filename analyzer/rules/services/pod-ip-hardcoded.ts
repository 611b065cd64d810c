import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import type { Confidence, Severity } from '../../engine/outcome.ts'
import { type Found, found, unchecked } from '../../engine/verdict.ts'
import { type HardcodedAddress, hardcodedAddresses } from '../../facts/cluster/hardcodedAddresses.ts'
import { kubeApi } from '../../facts/cluster/kubeApi.ts'
import { type ServiceInApi, kubeServices } from '../../facts/cluster/kubeServices.ts'
import type { Address } from '../../net/address.ts'
import { type Holder, type Note, type PodIpHardcoded, text } from './pod-ip-hardcoded.text.ts'
import { serviceRole } from './serviceRole.ts'

/** Places that are cited; the others are named. */
const MAX_CITED = 4

/** The address of a Service may have been chosen for good (spec.clusterIP in a manifest): a bundle does not tell. */
const WEIGHTS: Readonly<Record<Holder, readonly [Severity, Confidence]>> = {
  'no-pod': ['high', 'certain'],
  pod: ['medium', 'certain'],
  unknown: ['medium', 'likely'],
  'no-service': ['high', 'likely'],
  service: ['low', 'possible'],
}

/** Somebody wrote the address of a pod into a configuration: the next pod of that workload has another one. */
export default defineRule({
  id: 'pod-ip-hardcoded',
  area: 'services',
  severity: 'medium',
  references: [
    {
      title: 'Kubernetes documentation, Service: pods and their addresses come and go',
      url: 'https://kubernetes.io/docs/concepts/services-networking/service/',
    },
    {
      title: 'Calico documentation, Use a specific IP address with a pod',
      url: 'https://docs.tigera.io/calico/latest/networking/ipam/use-specific-ip',
    },
  ],
  needs: { hardcoded: hardcodedAddresses },
  wants: { pods: kubeApi.pods, services: kubeServices },
  text,
  check({ hardcoded, pods, services }, node) {
    const own = hardcoded.filter(
      (each) => isLoose(each) && each.places.some(({ nodes }) => nodes.has(node.id)),
    )
    if (own.length > 0) return own.map((each) => tell(each, namesFor(each, services)))
    return pods === undefined ? unchecked('noPods') : []
  },
})

/** The addresses of the cluster’s DNS and of its API server are given out for good. */
function isLoose({ holder }: HardcodedAddress): boolean {
  if (holder.kind !== 'service') return true
  const { namespace, name, labels } = holder.service
  const role = serviceRole(`${namespace}/${name}`, labels.get('k8s-app'))
  return role !== 'dns' && role !== 'api'
}

function tell(
  { address, holder, places }: HardcodedAddress,
  names: readonly string[],
): Found<PodIpHardcoded, Note> {
  const [severity, confidence] = WEIGHTS[holder.kind]
  return found<PodIpHardcoded, Note>(
    { address, holder: holder.kind, whose: whoseOf(holder), places, names },
    {
      subject: address,
      severity,
      confidence,
      evidence: [
        ...places.slice(0, MAX_CITED).map(({ origin }) => withNote<Note>(origin, 'written')),
        ...citationsOf(holder),
      ],
      nodes: [...new Set(places.flatMap(({ nodes }) => [...nodes]))],
      about: [`address:${address}`],
    },
  )
}

function whoseOf(holder: HardcodedAddress['holder']): string | undefined {
  switch (holder.kind) {
    case 'pod':
      return holder.name
    case 'no-pod':
      return holder.former
    case 'service':
      return `${holder.service.namespace}/${holder.service.name}`
    default:
      return undefined
  }
}

function citationsOf(holder: HardcodedAddress['holder']): readonly Citation<Note>[] {
  switch (holder.kind) {
    case 'pod':
    case 'service':
      return [withNote<Note>(holder.origin, holder.kind)]
    case 'unknown':
      return [withNote<Note>(holder.origin, 'network')]
    default: {
      const [network, list] = holder.proof
      return [
        ...(network ? [withNote<Note>(network, 'network')] : []),
        ...(list ? [withNote<Note>(list, 'nobody')] : []),
      ]
    }
  }
}

/** Names of Services that lead to the address now: what to write in its place. */
function namesFor(
  { address, holder }: HardcodedAddress,
  services: ReadonlyMap<string, ServiceInApi> | undefined,
): readonly string[] {
  if (holder.kind === 'service') return [`${holder.service.name}.${holder.service.namespace}.svc`]
  if (holder.kind !== 'pod') return []
  return [...(services?.values() ?? [])]
    .filter((view) => leadsTo(view, address))
    .map(({ service }) => `${service.name}.${service.namespace}.svc`)
}

function leadsTo({ endpoints }: ServiceInApi, address: Address): boolean {
  return endpoints?.some((endpoint) => endpoint.address === address) ?? false
}
