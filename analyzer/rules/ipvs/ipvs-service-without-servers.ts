import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import { eachNode } from '../../engine/fact.ts'
import type { Confidence } from '../../engine/outcome.ts'
import { type Subject, clear, found, notApplicable } from '../../engine/verdict.ts'
import { kubeServices } from '../../facts/cluster/kubeServices.ts'
import { confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { podNetworks } from '../../facts/node/podNetworks.ts'
import { type ProxiedService, formatServiceAddress, splitPortName } from '../../facts/node/proxiedService.ts'
import { proxyMode } from '../../facts/node/proxyMode.ts'
import { services } from '../../facts/node/services.ts'
import { compareAddresses } from '../../net/address.ts'
import { type ServiceRole, serviceRole } from '../services/serviceRole.ts'
import { type BareService, type Note, text } from './ipvs-service-without-servers.text.ts'
import { type ServerProof, type Witnesses, serverProof } from './serverProof.ts'

const DNS_PORT = 53
const HTTPS_PORT = 443
/** Services whose line is cited. */
const MAX_CITED = 3

interface Judged {
  readonly service: ProxiedService
  readonly proof: ServerProof | undefined
}

/** A cluster address that IPVS knows and has no server for, although it should (Kubernetes pkg/proxy/ipvs/proxier.go). */
export default defineRule({
  id: 'ipvs-service-without-servers',
  area: 'ipvs',
  severity: 'high',
  references: [
    {
      title: 'kubernetes/kubernetes#89520: parseIP Error with kube-proxy 1.18 and old kernels',
      url: 'https://github.com/kubernetes/kubernetes/issues/89520',
    },
    { title: 'Linux net/netfilter/ipvs/ip_vs_sched.c, ip_vs_scheduler_err' },
  ],
  needs: { proxyMode, own: services },
  wants: {
    everywhere: eachNode(services),
    podNetworks: eachNode(podNetworks),
    api: kubeServices,
    logs: logSignals,
  },
  text,
  check({ proxyMode, own, everywhere, podNetworks, api, logs }, node) {
    if (proxyMode.mode !== 'ipvs') return notApplicable('notIpvs')
    // Node ports and outer addresses may be without servers on purpose: the traffic policy Local.
    const inside = own.filter(({ kind }) => kind === 'cluster')
    const witnesses: Witnesses = {
      api,
      parseIpLog: logs?.of('ipvs-parse-ip-error'),
      noDestinationLog: logs?.of('ipvs-no-destination'),
      everywhere: everywhere ?? [],
      podNetworks: podNetworks ?? [],
      node: node.id,
    }
    const judged = inside.flatMap((service): readonly Judged[] => {
      if (service.endpoints.length > 0 || service.localOnly) return []
      const proof = serverProof(service, witnesses)
      return proof === 'none-expected' ? [] : [{ service, proof }]
    })
    if (judged.length === 0) return clear()
    const proven = judged.filter(({ proof }) => proof !== undefined)
    const named = (proven.length > 0 ? proven : judged).toSorted(
      (a, b) => Number(isVital(b.service, inside)) - Number(isVital(a.service, inside)),
    )
    const unproven = proven.length > 0 ? judged.filter(({ proof }) => proof === undefined) : []
    const bare = named.map(({ service }) => bareService(service, inside))
    return found(
      {
        node: node.id,
        services: bare,
        proofs: [...new Set(named.flatMap(({ proof }) => proof?.by ?? []))],
        inside: inside.length,
        unproven: unproven.map(({ service }) => formatServiceAddress(service)),
      },
      {
        subject: 'servers',
        severity: named.some(({ service }) => isVital(service, inside)) ? 'critical' : 'high',
        confidence: strongest(named.map(({ proof }) => confidenceOf(proof))),
        about: named.flatMap(({ service }) => aboutOf(service)),
        evidence: [
          ...named.slice(0, MAX_CITED).map(({ service }) => withNote(service.origin, 'bare')),
          ...proofLines(named),
        ],
      },
    )
  },
})

function bareService(service: ProxiedService, inside: readonly ProxiedService[]): BareService {
  const { name } = service
  const known = name === undefined ? {} : { name: splitPortName(name).service }
  return { address: formatServiceAddress(service), role: roleOf(service, inside), ...known }
}

/** Without DNS or the API server most workloads fail. */
function isVital(service: ProxiedService, inside: readonly ProxiedService[]): boolean {
  const role = roleOf(service, inside)
  return role === 'dns' || role === 'api'
}

/** Where the name is not known: DNS has its port, and default/kubernetes the first address of the Service network. */
function roleOf({ name, port, address }: ProxiedService, inside: readonly ProxiedService[]): ServiceRole {
  if (name !== undefined) return serviceRole(splitPortName(name).service)
  if (port === DNS_PORT) return 'dns'
  const addresses = inside.flatMap((service) => (service.address === undefined ? [] : [service.address]))
  const lowest = addresses.toSorted(compareAddresses)[0]
  return port === HTTPS_PORT && address !== undefined && address === lowest ? 'api' : 'workload'
}

function confidenceOf(proof: ServerProof | undefined): Confidence {
  switch (proof?.by) {
    case 'api':
      return 'certain'
    case 'node':
      return proof.sure ? 'certain' : 'likely'
    case 'log':
    case 'kernel':
      return confidenceFromLog('certain', proof.lines)
    case undefined:
      return 'likely'
  }
}

function strongest(confidences: readonly Confidence[]): Confidence {
  return confidences.includes('certain') ? 'certain' : 'likely'
}

function aboutOf({ address, name }: ProxiedService): readonly Subject[] {
  return [
    ...(address === undefined ? [] : [`address:${address}` as const]),
    ...(name === undefined ? [] : [`service:${splitPortName(name).service}` as const]),
  ]
}

/** The first proof of each kind. */
function proofLines(judged: readonly Judged[]): readonly Citation<Note>[] {
  const cited = new Set<ServerProof['by']>()
  return judged.flatMap(({ proof }): readonly Citation<Note>[] => {
    if (proof === undefined || cited.has(proof.by)) return []
    cited.add(proof.by)
    switch (proof.by) {
      case 'log':
        return proof.lines.slice(-2).map(({ origin }) => withNote(origin, 'log'))
      case 'kernel':
        return proof.lines.slice(-2).map(({ origin }) => withNote(origin, 'kernel'))
      case 'api':
        return [withNote(proof.origin, 'api', proof.ready)]
      case 'node':
        return proof.lines.map((origin) => withNote(origin, 'elsewhere', proof.node))
    }
  })
}
