import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, type Evidence, withNote } from '../../engine/evidence.ts'
import { type OfNode, eachNode } from '../../engine/fact.ts'
import type { Confidence } from '../../engine/outcome.ts'
import { clear, found, notApplicable } from '../../engine/verdict.ts'
import { capturedAt } from '../../facts/cluster/capturedAt.ts'
import { type ServiceInApi, kubeServices, readyEndpoints } from '../../facts/cluster/kubeServices.ts'
import {
  type ProxiedEndpoint,
  type ProxiedService,
  formatServiceAddress,
  serviceAddressKey,
  splitPortName,
} from '../../facts/node/proxiedService.ts'
import { proxyMode } from '../../facts/node/proxyMode.ts'
import { services } from '../../facts/node/services.ts'
import { serviceRole } from '../services/serviceRole.ts'
import { type IdleService, type Note, text } from './ipvs-server-weight-zero.text.ts'

/** kube-proxy looks once a minute whether a server that it gave weight 0 may be removed (pkg/proxy/ipvs/graceful_termination.go). */
const SAME_TIME_MS = 60_000
/** Services whose lines are cited. */
const MAX_CITED = 3

/** A service whose servers get no new connections, and what tells that they should. */
interface Judged {
  readonly service: ProxiedService
  readonly idle: readonly ProxiedEndpoint[]
  readonly isAll: boolean
  readonly proof: Proof | undefined
}

interface Proof {
  readonly by: 'api' | 'peer'
  readonly sure: boolean
  readonly node: string
  readonly origin: Evidence
}

interface Witnesses {
  readonly api: ReadonlyMap<string, ServiceInApi> | undefined
  readonly everywhere: readonly OfNode<readonly ProxiedService[]>[]
  readonly timeOf: ReadonlyMap<string, number>
  readonly node: string
}

/** IPVS gives no new connections to servers that are ready: their weight stayed 0. */
export default defineRule({
  id: 'ipvs-server-weight-zero',
  area: 'ipvs',
  severity: 'high',
  needs: { proxyMode, services, timeOf: capturedAt },
  wants: { everywhere: eachNode(services), api: kubeServices },
  references: [
    {
      title: 'IPVS: the weight of a real server stays 0 after a restart of kube-proxy',
      url: 'https://github.com/kubernetes/kubernetes/issues/92019',
    },
    { title: 'Kubernetes 1.30, pkg/proxy/ipvs/graceful_termination.go' },
  ],
  text,
  check({ proxyMode, services, timeOf, everywhere, api }, node) {
    if (proxyMode.mode !== 'ipvs') return notApplicable('notIpvs')
    const witnesses: Witnesses = { api, everywhere: everywhere ?? [], timeOf, node: node.id }
    const judged = services.flatMap((service) => judge(service, witnesses) ?? [])
    if (judged.length === 0) return clear()
    const told = judged.toSorted((a, b) => Number(b.isAll) - Number(a.isAll))
    const idle = told.map(idleService)
    const out = told.filter(({ isAll }) => isAll)
    const isVital = idle.some(({ role, isAll }) => isAll && (role === 'dns' || role === 'api'))
    return found(
      { node: node.id, services: idle, proofs: [...new Set(told.flatMap(({ proof }) => proof?.by ?? []))] },
      {
        subject: 'weights',
        severity: isVital ? 'critical' : out.length > 0 ? 'high' : 'medium',
        confidence: strongest(told.map(confidenceOf)),
        about: told.flatMap(({ service: { address, name } }) => [
          ...(address === undefined ? [] : [`address:${address}` as const]),
          ...(name === undefined ? [] : [`service:${splitPortName(name).service}` as const]),
        ]),
        evidence: told.slice(0, MAX_CITED).flatMap(linesOf),
      },
    )
  },
})

/**
 * Undefined where all is well, or where the servers are on their way out as they should be: others take their place, or the API server
 * lists no ready endpoint.
 */
function judge(service: ProxiedService, witnesses: Witnesses): Judged | undefined {
  const { kind, endpoints } = service
  const idle = endpoints.filter(({ weight }) => weight === 0)
  if (kind !== 'cluster' || idle.length === 0) return undefined
  const isAll = idle.length === endpoints.length
  const ready = readyIn(service, witnesses.api)
  if (ready) {
    const wrongly = idle.filter((server) =>
      ready.some(({ address, port }) => address === server.address && port.port === server.port),
    )
    const [first] = ready
    if (wrongly.length === 0 || first === undefined) return undefined
    const sure = isSameTime(witnesses, first.origin.bundle)
    const proof: Proof = { by: 'api', sure, node: first.origin.bundle, origin: first.origin }
    return { service, idle: wrongly, isAll, proof }
  }
  if (!isAll) return undefined
  return { service, idle, isAll, proof: peerProof(service, idle, witnesses) }
}

function readyIn({ name }: ProxiedService, api: Witnesses['api']) {
  const named = name === undefined ? undefined : splitPortName(name)
  const view = named && api?.get(named.service)
  if (named === undefined || view?.endpoints === undefined) return undefined
  return readyEndpoints(view, named.port).filter(({ terminating }) => !terminating)
}

/** Another node sends new connections to one of these servers at the same time. */
function peerProof(
  service: ProxiedService,
  idle: readonly ProxiedEndpoint[],
  witnesses: Witnesses,
): Proof | undefined {
  const key = serviceAddressKey(service)
  for (const { node, value } of witnesses.everywhere) {
    if (node.id === witnesses.node || !isSameTime(witnesses, node.id)) continue
    const other = value.find(
      (candidate) => candidate.kind === 'cluster' && serviceAddressKey(candidate) === key,
    )
    const used = other?.endpoints.find(
      ({ address, port, weight }) =>
        weight !== 0 && idle.some((server) => server.address === address && server.port === port),
    )
    if (used) return { by: 'peer', sure: true, node: node.id, origin: used.origin }
  }
  return undefined
}

function isSameTime({ timeOf, node }: Witnesses, other: string): boolean {
  return Math.abs((timeOf.get(node) ?? NaN) - (timeOf.get(other) ?? NaN)) <= SAME_TIME_MS
}

/** Without a witness the workload may be scaled to zero, its last connections about to end. */
function confidenceOf({ proof }: Judged): Confidence {
  if (proof === undefined) return 'possible'
  return proof.sure ? 'certain' : 'likely'
}

function strongest(confidences: readonly Confidence[]): Confidence {
  if (confidences.includes('certain')) return 'certain'
  return confidences.includes('likely') ? 'likely' : 'possible'
}

function idleService({ service, idle, isAll }: Judged): IdleService {
  const name = service.name === undefined ? undefined : splitPortName(service.name).service
  return {
    address: formatServiceAddress(service),
    ...(name !== undefined && { name }),
    role: name === undefined ? 'workload' : serviceRole(name),
    servers: idle.map(({ address, port }) =>
      address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
    ),
    of: service.endpoints.length,
    isAll,
  }
}

function linesOf({ service, idle, proof }: Judged): readonly Citation<Note>[] {
  return [
    withNote(service.origin, 'service'),
    ...idle.slice(0, 2).map(({ origin }) => withNote(origin, 'server')),
    ...(proof ? [withNote(proof.origin, proof.by, proof.node)] : []),
  ]
}
