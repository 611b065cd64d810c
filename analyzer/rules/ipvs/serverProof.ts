import type { Evidence } from '../../engine/evidence.ts'
import type { OfNode } from '../../engine/fact.ts'
import { type ServiceInApi, readyEndpoints } from '../../facts/cluster/kubeServices.ts'
import type { LoggedLine, LoggedSignal } from '../../facts/node/logSignals.ts'
import type { CitedPrefix } from '../../facts/node/podNetworks.ts'
import { type ProxiedService, serviceAddressKey, splitPortName } from '../../facts/node/proxiedService.ts'
import { parseAddress } from '../../net/address.ts'
import { prefixContains } from '../../net/prefix.ts'

/**
 * What tells that a virtual service should have servers: kube-proxy's log says that it failed to give it some; the API server lists
 * ready endpoints; another node has servers for it; the kernel dropped a client's packet for want of one.
 */
export type ServerProof =
  | { readonly by: 'log'; readonly lines: readonly LoggedLine[] }
  | { readonly by: 'api'; readonly ready: number; readonly origin: Evidence }
  | {
      readonly by: 'node'
      readonly node: string
      readonly sure: boolean
      readonly lines: readonly Evidence[]
    }
  | { readonly by: 'kernel'; readonly lines: readonly LoggedLine[] }

/** All that a proof may rest on. */
export interface Witnesses {
  readonly api: ReadonlyMap<string, ServiceInApi> | undefined
  readonly parseIpLog: LoggedSignal | undefined
  readonly noDestinationLog: LoggedSignal | undefined
  readonly everywhere: readonly OfNode<readonly ProxiedService[]>[]
  readonly podNetworks: readonly OfNode<readonly CitedPrefix[]>[]
  /** The node that lacks the servers. */
  readonly node: string
}

/** Captures farther apart may show two states of one cluster. */
const SAME_TIME_MS = 600_000

/** The strongest proof that the service should have servers; `none-expected` where the API server lists no ready endpoint. */
export function serverProof(
  service: ProxiedService,
  witnesses: Witnesses,
): ServerProof | 'none-expected' | undefined {
  const named = service.name === undefined ? undefined : splitPortName(service.name)
  const view = named && witnesses.api?.get(named.service)
  const ready = named && view?.endpoints && readyEndpoints(view, named.port)
  if (ready?.length === 0) return 'none-expected'
  const failures = witnesses.parseIpLog?.lines.filter(({ groups }) => concerns(groups, service)) ?? []
  if (failures.length > 0) return { by: 'log', lines: failures }
  const [first] = ready ?? []
  if (ready && first) return { by: 'api', ready: ready.length, origin: first.origin }
  const drops = witnesses.noDestinationLog?.lines.filter(({ groups }) => wasAsked(groups, service)) ?? []
  const elsewhere = servedElsewhere(service, witnesses)
  if (elsewhere?.sure === true || drops.length === 0) return elsewhere
  return { by: 'kernel', lines: drops }
}

/** `10.96.0.10:9153/TCP`; a line without one is of the listing that kube-proxy makes for every service. */
function concerns(groups: ReadonlyMap<string, string>, { address, port, protocol }: ProxiedService): boolean {
  const named = groups.get('service')
  if (named === undefined) return true
  const [, host = '', digits, word] = /^\[?([^\]]{2,45}?)\]?:(\d{1,5})\/(\w{3,4})$/.exec(named) ?? []
  return parseAddress(host) === address && Number(digits) === port && word?.toLowerCase() === protocol
}

/** The kernel names protocol, address and port since 3.0. */
function wasAsked(groups: ReadonlyMap<string, string>, { address, port, protocol }: ProxiedService): boolean {
  return (
    parseAddress(groups.get('address') ?? '') === address &&
    Number(groups.get('port')) === port &&
    groups.get('protocol')?.toLowerCase() === protocol
  )
}

function servedElsewhere(
  service: ProxiedService,
  { everywhere, podNetworks, node }: Witnesses,
): (ServerProof & { readonly by: 'node' }) | undefined {
  const key = serviceAddressKey(service)
  const own = everywhere.find((other) => other.node.id === node)
  const witnesses = everywhere.flatMap((other) => {
    if (other.node.id === node) return []
    const served = other.value.find(
      (candidate) => serviceAddressKey(candidate) === key && candidate.endpoints.length > 0,
    )
    if (served === undefined) return []
    const sure = isSameTime(own?.node.bundle.collectedAt, other.node.bundle.collectedAt)
    const networks = podNetworks.find((known) => known.node.id === other.node.id)?.value ?? []
    return [{ other, served, sure: sure && reachesElsewhere(served, networks) }]
  })
  const best = witnesses.find(({ sure }) => sure) ?? witnesses[0]
  if (best === undefined) return undefined
  const { other, served, sure } = best
  const lines = [served.origin, ...served.endpoints.slice(0, 1).map(({ origin }) => origin)]
  return { by: 'node', node: other.node.id, sure, lines }
}

function isSameTime(a: string | null | undefined, b: string | null): boolean {
  return Math.abs(Date.parse(a ?? '') - Date.parse(b ?? '')) <= SAME_TIME_MS
}

/** With internalTrafficPolicy Local a node only has its own pods as servers: one that has another's does not follow it. */
function reachesElsewhere({ endpoints }: ProxiedService, networks: readonly CitedPrefix[]): boolean {
  if (networks.length === 0) return false
  return endpoints.some(({ address }) => networks.every(({ prefix }) => !prefixContains(prefix, address)))
}
