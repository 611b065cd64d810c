import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, type Evidence, withNote } from '../../engine/evidence.ts'
import { type OfNode, eachNode } from '../../engine/fact.ts'
import type { Severity } from '../../engine/outcome.ts'
import { type Found, clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { kubeApi } from '../../facts/cluster/kubeApi.ts'
import { type ServiceInApi, kubeServices, readyEndpoints } from '../../facts/cluster/kubeServices.ts'
import { type ProxiedService, formatServiceAddress, splitPortName } from '../../facts/node/proxiedService.ts'
import { type ProxyMode, proxyMode } from '../../facts/node/proxyMode.ts'
import {
  type ServicesWithoutEndpoints,
  servicesWithoutEndpoints,
} from '../../facts/node/servicesWithoutEndpoints.ts'
import { type Note, type ServiceNoEndpoints, text } from './service-no-endpoints.text.ts'
import { isV6 } from '../../net/address.ts'
import { shellQuote } from '../../text/shellQuote.ts'
import { type ServiceRole, serviceRole } from './serviceRole.ts'
import { whyNoEndpoints } from './whyNoEndpoints.ts'

/** Nodes whose line is cited; the others are named. */
const MAX_CITED_NODES = 3

const SEVERITIES: Readonly<Record<ServiceRole, Severity>> = {
  dns: 'critical',
  api: 'high',
  webhook: 'high',
  workload: 'medium',
}

/** A Service is refused, for it has no endpoints: kube-proxy's REJECT rules, or IPVS without servers where the API has none. */
export default defineRule({
  id: 'service-no-endpoints',
  area: 'services',
  severity: 'medium',
  references: [
    {
      title: 'Kubernetes documentation, Debug Services',
      url: 'https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/',
    },
  ],
  needs: { proxyMode, own: servicesWithoutEndpoints },
  wants: { everywhere: eachNode(servicesWithoutEndpoints), api: kubeServices, pods: kubeApi.pods },
  text,
  check({ proxyMode, own, everywhere, api, pods }) {
    if (proxyMode.mode === 'none') return notApplicable('noProxy')
    if (own.refused.size === 0) return own.undecided.length > 0 ? unchecked('noApi') : clear()
    return [...own.refused].map(([service, refused]): Found<ServiceNoEndpoints, Note> => {
      const view = api?.get(service)
      const alike = (everywhere ?? []).filter(({ value }) => value.refused.has(service))
      const ready = view?.endpoints === undefined ? undefined : readyBehind(view, refused)
      const explained = whyNoEndpoints(view, pods)
      const role = serviceRole(service, view?.service.labels.get('k8s-app'))
      const isBehind = ready !== undefined && ready.length > 0
      const severity = isBehind && role === 'workload' ? 'high' : SEVERITIES[role]
      const nodes = alike.map(({ node }) => node.id)
      const data = {
        service,
        role,
        nodes,
        addresses: refused.map(formatServiceAddress),
        look: refused.map((address) => lookAt(address, proxyMode.mode)),
        inApi: ready?.length,
        why: explained.why,
      }
      const reasons = isBehind ? (ready ?? []).slice(0, 1).map(({ origin }) => origin) : explained.evidence
      return found(data, {
        subject: service,
        confidence: 'certain',
        severity,
        nodes,
        about: [
          `service:${service}`,
          ...(isBehind ? nodes.map((name) => `node:${name}` as const) : []),
          ...addressesOf(refused).map((address) => `address:${address}` as const),
        ],
        evidence: [...refusals(alike, service), ...noted(reasons, isBehind ? 'listed' : 'api')],
      })
    })
  },
})

/** Addresses and ports are checked values; the name is quoted as it stands in kube-proxy's comments. */
function lookAt(refused: ProxiedService, mode: ProxyMode['mode']): string {
  const { address, protocol, refusedBy, name = '' } = refused
  if (mode === 'nftables') {
    return `nft list map ${address !== undefined && isV6(address) ? 'ip6' : 'ip'} kube-proxy no-endpoint-services`
  }
  if (refusedBy) return `iptables-save -t filter | grep -F ${shellQuote(`${name} has no endpoints`)}`
  const [endpoint = ''] = formatServiceAddress(refused).split('/')
  return `ipvsadm -Ln ${protocol === 'udp' ? '-u' : '-t'} ${shellQuote(endpoint)}`
}

function readyBehind(view: ServiceInApi, refused: readonly ProxiedService[]) {
  return refused.flatMap(({ name = '' }) => readyEndpoints(view, splitPortName(name).port))
}

function addressesOf(refused: readonly ProxiedService[]): readonly string[] {
  return [...new Set(refused.flatMap(({ address }) => address ?? []))]
}

/** Of each node the line that refuses, of the first node all of them. */
function refusals(
  alike: readonly OfNode<ServicesWithoutEndpoints>[],
  service: string,
): readonly Citation<Note>[] {
  return alike.slice(0, MAX_CITED_NODES).flatMap(({ node, value }, index) => {
    const lines = value.refused.get(service) ?? []
    return lines
      .slice(0, index === 0 ? 2 : 1)
      .map(({ refusedBy, origin }) =>
        withNote(refusedBy ?? origin, refusedBy ? 'rejects' : 'noServers', node.id),
      )
  })
}

function noted(evidence: readonly Evidence[], note: Note): readonly Citation<Note>[] {
  return evidence.map((line) => withNote(line, note))
}
