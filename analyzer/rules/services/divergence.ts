import { type Citation, withNote } from '../../engine/evidence.ts'
import type { Confidence } from '../../engine/outcome.ts'
import { type Found, type Subject, found } from '../../engine/verdict.ts'
import type { DivergenceProof, ServiceDivergence } from '../../facts/cluster/serviceDivergences.ts'
import { type ServiceView, signatureOf } from '../../facts/cluster/serviceViews.ts'
import { type ProxiedEndpoint, formatServiceAddress, splitPortName } from '../../facts/node/proxiedService.ts'
import type { Divergence, DivergenceNote, DivergingService } from './divergenceWords.ts'
import { serviceRole } from './serviceRole.ts'

/** Services whose lines are cited. */
const MAX_CITED = 3
/** Endpoints of one Service that are cited for each side. */
const MAX_ENDPOINTS = 2

type DivergenceFound = Found<Divergence, DivergenceNote>

/**
 * What is to be said of a node by the divergences of the case: one finding of those that are proven, told by the surest; else one that
 * all nodes share, of those that nothing decides. Undefined where the node differs in nothing.
 */
export function divergenceFinding(
  node: string,
  all: readonly ServiceDivergence[],
): DivergenceFound | undefined {
  const own = all.filter((each) => each.own.node === node)
  const proven = own.filter(({ proof }) => proof.by !== 'none')
  if (proven.length > 0) return provenFinding(node, proven)
  return own.length > 0 ? undecidedFinding(all.filter(({ proof }) => proof.by === 'none')) : undefined
}

function provenFinding(node: string, proven: readonly ServiceDivergence[]): DivergenceFound {
  const isCertain = proven.some(({ proof }) => confidenceOf(proof) === 'certain')
  const told = proven
    .filter(({ proof }) => !isCertain || confidenceOf(proof) === 'certain')
    .toSorted((a, b) => Number(isVital(b)) - Number(isVital(a)))
  const services = told.map(divergingService)
  const data: Divergence = {
    kind: 'proven',
    node,
    services,
    more: proven.length - told.length,
    proofs: [...new Set(told.flatMap(({ proof }) => reasonsOf(proof)))],
    peers: [...new Set(told.map(({ peer }) => peer.node))],
  }
  return found(data, {
    subject: 'endpoints',
    confidence: isCertain ? 'certain' : 'likely',
    severity: told.some(isVital) ? 'critical' : 'high',
    about: told.flatMap(aboutOf),
    evidence: told.slice(0, MAX_CITED).flatMap(linesOf),
  })
}

function reasonsOf(proof: DivergenceProof): readonly ProofReason[] {
  return proof.by === 'no-pod'
    ? proof.fates.map(({ by }) => by)
    : proof.by === 'none'
      ? []
      : [proof.by === 'api' ? 'endpoints' : 'majority']
}

type ProofReason = 'endpoints' | 'majority' | 'reservations' | 'api' | 'no-answer'

function confidenceOf(proof: DivergenceProof): Confidence {
  switch (proof.by) {
    case 'api':
      return proof.isSettled ? 'certain' : 'likely'
    case 'no-pod':
      return proof.fates.some(({ by }) => by !== 'no-answer') ? 'certain' : 'likely'
    case 'majority':
      return 'likely'
    case 'none':
      return 'possible'
  }
}

function nameOf({ compared }: ServiceDivergence): string | undefined {
  return compared.name === undefined ? undefined : splitPortName(compared.name).service
}

function isVital(divergence: ServiceDivergence): boolean {
  const name = nameOf(divergence)
  const role = name === undefined ? 'workload' : serviceRole(name)
  return role === 'dns' || role === 'api'
}

function formatEndpoint({ address, port }: ProxiedEndpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

function divergingService(divergence: ServiceDivergence): DivergingService {
  const { own, peer, extra, missing } = divergence
  const name = nameOf(divergence)
  const address = own.service ?? peer.service
  return {
    address: address ? formatServiceAddress(address) : '',
    ...(name !== undefined && { name }),
    state: own.service === undefined ? 'absent' : own.endpoints.length === 0 ? 'none' : 'other',
    extra: extra.map(formatEndpoint),
    missing: missing.map(formatEndpoint),
  }
}

function aboutOf(divergence: ServiceDivergence): readonly Subject[] {
  const { own, peer } = divergence
  const name = nameOf(divergence)
  const address = (own.service ?? peer.service)?.address
  return [
    `node:${own.node}`,
    ...(address === undefined ? [] : [`address:${address}` as const]),
    ...(name === undefined ? [] : [`service:${name}` as const]),
  ]
}

function linesOf({
  own,
  peer,
  extra,
  missing,
  proof,
}: ServiceDivergence): readonly Citation<DivergenceNote>[] {
  const ownLine = own.service && (own.service.refusedBy ?? own.service.origin)
  const isRefused = own.service?.refusedBy !== undefined
  return [
    ...(ownLine ? [withNote(ownLine, isRefused ? 'refuses' : 'address', own.node)] : []),
    ...extra.slice(0, MAX_ENDPOINTS).map(({ origin }) => withNote(origin, 'endpoint', own.node)),
    ...(ownLine || !peer.service ? [] : [withNote(peer.service.origin, 'address', peer.node)]),
    ...missing.slice(0, MAX_ENDPOINTS).map(({ origin }) => withNote(origin, 'endpoint', peer.node)),
    ...proofLines(proof),
  ]
}

function proofLines(proof: DivergenceProof): readonly Citation<DivergenceNote>[] {
  switch (proof.by) {
    case 'api':
      return [withNote(proof.origin, 'endpoints')]
    case 'no-pod':
      return proof.fates.map(({ by, origin, bundle }) => withNote(origin, by, bundle))
    case 'majority':
    case 'none':
      return []
  }
}

function undecidedFinding(undecided: readonly ServiceDivergence[]): DivergenceFound {
  const byKey = new Map(undecided.map((each) => [each.compared.key, each]))
  const told = [...byKey.values()]
  const nodes = [...new Set(told.flatMap(({ compared }) => compared.views.map(({ node }) => node)))]
  const services = told.map((divergence) => ({
    ...divergingService(divergence),
    groups: groupsOf(divergence).map((views) => ({
      nodes: views.map(({ node }) => node),
      endpoints: (views[0]?.endpoints ?? []).map(formatEndpoint),
    })),
  }))
  return found(
    { kind: 'undecided', nodes, services },
    {
      subject: 'undecided',
      confidence: 'possible',
      severity: 'medium',
      nodes,
      about: told.flatMap(aboutOf).filter((subject) => !subject.startsWith('node:')),
      evidence: told.slice(0, MAX_CITED).flatMap(sidesOf),
    },
  )
}

function groupsOf({ compared }: ServiceDivergence): readonly (readonly ServiceView[])[] {
  const groups = new Map<string, ServiceView[]>()
  for (const view of compared.views) {
    const signature = signatureOf(view)
    const group = groups.get(signature)
    if (group) group.push(view)
    else groups.set(signature, [view])
  }
  return [...groups.values()]
}

/** Of each side the first node’s line. */
function sidesOf(divergence: ServiceDivergence): readonly Citation<DivergenceNote>[] {
  return groupsOf(divergence).flatMap(([view]) => {
    const line = view?.endpoints[0]?.origin ?? view?.service?.origin
    return view && line ? [withNote(line, view.endpoints[0] ? 'endpoint' : 'address', view.node)] : []
  })
}
