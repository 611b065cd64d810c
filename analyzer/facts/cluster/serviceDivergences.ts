import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineClusterFact } from '../../engine/fact.ts'
import type { KubePod } from '../../parsers/kubePods.ts'
import { type ProxiedEndpoint, splitPortName } from '../node/proxiedService.ts'
import { capturedAt } from './capturedAt.ts'
import { kubeApi } from './kubeApi.ts'
import { type ServiceInApi, kubeServices, readyEndpoints } from './kubeServices.ts'
import { type AddressWithoutPod, type PodAddressFates, podAddressFates } from './podAddressFates.ts'
import {
  type ComparedService,
  type ServiceView,
  differingServices,
  endpointKey,
  signatureOf,
} from './serviceViews.ts'

/**
 * What tells that it is this node that is wrong: the API server lists other endpoints, as a peer has them; an endpoint of its own
 * belongs to no pod; or most nodes hold it otherwise. `none`: nodes differ, and nothing tells which is right.
 */
export type DivergenceProof =
  | { readonly by: 'api'; readonly origin: Evidence; readonly isSettled: boolean }
  | { readonly by: 'no-pod'; readonly fates: readonly AddressWithoutPod[] }
  | { readonly by: 'majority' }
  | { readonly by: 'none' }

/** A cluster address that one node holds otherwise than its peers. */
export interface ServiceDivergence {
  readonly compared: ComparedService
  readonly own: ServiceView
  /** A node to hold against it. */
  readonly peer: ServiceView
  /** Endpoints that this node alone has. */
  readonly extra: readonly ProxiedEndpoint[]
  /** Endpoints of the peer that this node lacks. */
  readonly missing: readonly ProxiedEndpoint[]
  readonly proof: DivergenceProof
}

/** The divergences of the case. */
export interface ServiceDivergences {
  readonly found: readonly ServiceDivergence[]
  /** Nodes whose difference may come of captures made too far apart, or of a change that was under way. */
  readonly unsettled: ReadonlySet<string>
}

/** A rollout changes endpoints within this time; the captures of one bundle take about as long. */
const SAME_TIME_MS = 60_000

const MAX_FATES = 2

interface Judging {
  readonly api: ReadonlyMap<string, ServiceInApi> | undefined
  readonly apiAtMs: number | undefined
  /** Since when the pod with an address is ready. */
  readonly readySinceMs: ReadonlyMap<string, number>
  readonly fates: PodAddressFates | undefined
  readonly timeOf: ReadonlyMap<string, number>
}

/**
 * Which nodes hold cluster addresses otherwise than their peers, and what proves it. Not counted: Services with topology hints, where
 * each zone has endpoints of its own; endpoints that are not ready or are terminating; captures more than a minute apart, unless the
 * endpoint’s pod was ready long before.
 */
export const serviceDivergences = defineClusterFact({
  name: 'Services that one node holds otherwise than its peers',
  needs: { differing: differingServices, timeOf: capturedAt },
  wants: { api: kubeServices, pods: kubeApi.pods, fates: podAddressFates },
  compute({ differing, timeOf, api, pods, fates }): Availability<ServiceDivergences> {
    const apiBundle = [...(api?.values() ?? [])][0]?.origin.bundle
    const judging: Judging = {
      api,
      fates,
      timeOf,
      readySinceMs: new Map((pods?.value ?? []).flatMap(readySince)),
      apiAtMs: apiBundle === undefined ? undefined : timeOf.get(apiBundle),
    }
    const found: ServiceDivergence[] = []
    const unsettled = new Set<string>()
    for (const compared of differing) {
      for (const own of compared.views) {
        const verdict = judge(compared, own, judging)
        if (verdict === 'unsettled') unsettled.add(own.node)
        else if (verdict !== 'agrees') found.push(verdict)
      }
    }
    return available({ found, unsettled })
  },
})

function readySince({ podAddresses, readySinceMs }: KubePod): readonly (readonly [string, number])[] {
  return readySinceMs === undefined ? [] : podAddresses.map((address) => [address, readySinceMs] as const)
}

type Verdict = ServiceDivergence | 'agrees' | 'unsettled'

function judge(compared: ComparedService, own: ServiceView, judging: Judging): Verdict {
  const expected = expectationOf(compared, judging.api)
  if (expected === 'not-comparable') return 'agrees'
  if (expected) return judgeByApi(compared, own, expected, judging)
  return judgeByPeers(compared, own, judging)
}

/** What the API server says of an address. */
interface Expectation {
  readonly origin: Evidence
  readonly ready: ReadonlySet<string>
  /** Those that a node may have or not: not ready, or terminating. */
  readonly neutral: ReadonlySet<string>
  /** When a pod or the Service last changed them, in milliseconds since 1970; Infinity where the API does not tell. */
  readonly changedAtMs: number
}

function expectationOf(
  { name }: ComparedService,
  api: Judging['api'],
): Expectation | 'not-comparable' | undefined {
  const named = name === undefined ? undefined : splitPortName(name)
  const view = named && api?.get(named.service)
  if (named === undefined || view?.endpoints === undefined) return undefined
  const listed = view.endpoints.filter(({ port }) => port.name === named.port)
  const isLocal = view.service.internalTrafficPolicy === 'Local'
  if (isLocal || listed.some(({ hintedZones }) => hintedZones.length > 0)) return 'not-comparable'
  const keyOf = ({ address, port }: (typeof listed)[number]): string =>
    endpointKey({ address, port: port.port })
  const ready = new Set(
    readyEndpoints(view, named.port)
      .filter(({ terminating }) => !terminating)
      .map(keyOf),
  )
  const origin = listed[0]?.origin ?? view.origin
  return {
    origin,
    ready,
    neutral: new Set(listed.map(keyOf).filter((key) => !ready.has(key))),
    changedAtMs: listed.reduce(
      (latest, { changedAtMs = Infinity }) => Math.max(latest, changedAtMs),
      listed.length === 0 ? Infinity : 0,
    ),
  }
}

function judgeByApi(
  compared: ComparedService,
  own: ServiceView,
  expected: Expectation,
  judging: Judging,
): Verdict {
  if (agrees(own, expected)) return 'agrees'
  const peer = compared.views.find((view) => view !== own && view.service && agrees(view, expected))
  if (peer === undefined) return 'unsettled'
  const { origin } = expected
  const told = divergence(compared, own, peer, { by: 'api', origin, isSettled: true })
  if (isSettled(told, expected, judging)) return told
  const fates = told.extra.flatMap(({ address }) => fatesAt(address, own, judging)).slice(0, MAX_FATES)
  if (fates.length > 0) return { ...told, proof: { by: 'no-pod', fates } }
  if (!isSameTime(own.collectedAtMs, judging.apiAtMs)) return 'unsettled'
  return { ...told, proof: { by: 'api', origin, isSettled: false } }
}

/** Endpoints that are as the API has them since long before the node was looked at are no change under way. */
function isSettled(
  { own, missing }: ServiceDivergence,
  { changedAtMs }: Expectation,
  { apiAtMs, readySinceMs }: Judging,
): boolean {
  if (own.collectedAtMs === undefined || apiAtMs === undefined) return false
  const latest = own.collectedAtMs - SAME_TIME_MS
  if (latest > apiAtMs) return false
  const readySince = missing.map(({ address }) => readySinceMs.get(address) ?? Infinity)
  return changedAtMs < latest || readySince.some((since) => since < latest)
}

function agrees({ endpoints }: ServiceView, { ready, neutral }: Expectation): boolean {
  const held = new Set(endpoints.map(endpointKey))
  return (
    [...held].every((key) => ready.has(key) || neutral.has(key)) && [...ready].every((key) => held.has(key))
  )
}

function judgeByPeers(compared: ComparedService, own: ServiceView, judging: Judging): Verdict {
  const signature = signatureOf(own)
  const others = compared.views.filter((view) => signatureOf(view) !== signature)
  const alike = compared.views.length - others.length
  const peer = others.find(({ endpoints }) => endpoints.length > 0)
  // A node that knows endpoints is not held against nodes that know none: they are judged themselves.
  if (peer === undefined) return 'agrees'
  if (!isSameTime(own.collectedAtMs, peer.collectedAtMs)) return 'unsettled'
  const known = new Set(others.flatMap(({ endpoints }) => endpoints.map(endpointKey)))
  const extra = own.endpoints.filter((endpoint) => !known.has(endpointKey(endpoint)))
  const fates = extra.flatMap(({ address }) => fatesAt(address, own, judging)).slice(0, MAX_FATES)
  if (fates.length > 0) return divergence(compared, own, peer, { by: 'no-pod', fates })
  // The peers' endpoints may be the dead ones.
  const isPeerWrong = others.some((view) =>
    view.endpoints.some(({ address }) => fatesAt(address, view, judging).length > 0),
  )
  if (isPeerWrong) return 'agrees'
  const isMinority = alike * 2 < compared.views.length
  // Zones with endpoints of their own explain other endpoints, but not that a node has none.
  const hasNone = own.endpoints.length === 0
  if (hasNone && isMinority) return divergence(compared, own, peer, { by: 'majority' })
  return alike * 2 > compared.views.length ? 'agrees' : divergence(compared, own, peer, { by: 'none' })
}

/** Who shows that an address is no pod's, of those who looked at about the same time. */
function fatesAt(
  address: ProxiedEndpoint['address'],
  view: ServiceView,
  { fates, timeOf }: Judging,
): readonly AddressWithoutPod[] {
  return (fates?.(address) ?? []).filter(({ bundle }) => isSameTime(view.collectedAtMs, timeOf.get(bundle)))
}

function divergence(
  compared: ComparedService,
  own: ServiceView,
  peer: ServiceView,
  proof: DivergenceProof,
): ServiceDivergence {
  const held = new Set(own.endpoints.map(endpointKey))
  const peers = new Set(peer.endpoints.map(endpointKey))
  return {
    compared,
    own,
    peer,
    extra: own.endpoints.filter((endpoint) => !peers.has(endpointKey(endpoint))),
    missing: peer.endpoints.filter((endpoint) => !held.has(endpointKey(endpoint))),
    proof,
  }
}

function isSameTime(a: number | undefined, b: number | undefined): boolean {
  return a !== undefined && b !== undefined && Math.abs(a - b) <= SAME_TIME_MS
}
