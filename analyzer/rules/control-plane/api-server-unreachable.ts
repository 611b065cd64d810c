import type { Capture } from '../../bundle/bundle.ts'
import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import type { Severity } from '../../engine/outcome.ts'
import { type Found, type Subject, clear, found, unchecked } from '../../engine/verdict.ts'
import { type AddressOwner, type AddressOwners, addressOwners } from '../../facts/cluster/addressOwners.ts'
import {
  type ApiServerAddress,
  apiServerAddresses,
  serversKnownTo,
} from '../../facts/cluster/apiServerAddresses.ts'
import { type Clock, clock } from '../../facts/node/clock.ts'
import { confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { type NodeAddress, nodeAddresses } from '../../facts/node/nodeAddresses.ts'
import { STARTING_MS, isOfStart, isStarting } from '../../facts/node/startOfNode.ts'
import type { LogExtract } from '../../logs/logEntry.ts'
import { type Address, isLoopback, parseAddress } from '../../net/address.ts'
import { captured } from '../../sources/captured.ts'
import { formatCount } from '../../text/formatCount.ts'
import { anchoredTimeMs } from '../../text/wallTime.ts'
import { pathBetween } from '../addresses/pathBetween.ts'
import { type ApiFailure, type ApiTarget, apiFailures } from './apiFailures.ts'
import { type ApiServerUnreachable, type Note, text } from './api-server-unreachable.text.ts'

/** A kubelet renews its lease every ten seconds and tells its status at least every five minutes: silence for longer is success. */
const OVER_MS = 600_000
/** Of k3s and rke2, whose components ask by way of their own machine and are refused at once, every few seconds, while the server is away. */
const OVER_ON_LOOPBACK_MS = 120_000
/** One request that fails is tried again up to five times and is no fault yet. */
const FEWEST_LINES = 3
/** Of kubeadm, k3s and rke2. */
const DEFAULT_PORT = 6443
/** Logs of the processes that hold the node's lease. */
const KUBELET = /^journal\/(?:.*\/)?(?:kubelet|k3s|rke2)[^/]*$/

/** Logs say that leases, node status or other requests to the API server fail: an effect, whose cause the error's words narrow down. */
export default defineRule({
  id: 'api-server-unreachable',
  area: 'control-plane',
  severity: 'high',
  isSymptom: true,
  references: [
    {
      title: 'Kubernetes documentation, Nodes: heartbeats and leases',
      url: 'https://kubernetes.io/docs/concepts/architecture/nodes/',
    },
    { title: 'Kubernetes pkg/kubelet/nodestatus and component-helpers/apimachinery/lease' },
  ],
  needs: { logs: logSignals, journals: captured.journals },
  wants: {
    servers: apiServerAddresses,
    addresses: nodeAddresses,
    owners: addressOwners,
    clock,
  },
  text,
  check({ logs, journals, servers, addresses, owners, clock }, node) {
    const known = serversKnownTo(node.id, servers ?? [])
    const isApiServer = ({ host, port }: ApiTarget): boolean => {
      const address = parseAddress(host)
      if (known.some((server) => server.address === address && (server.port ?? port) === port)) return true
      return port === DEFAULT_PORT && ownersOf(address, owners).some(({ isControlPlane }) => isControlPlane)
    }
    const all = apiFailures(logs, isApiServer, ({ timeMs }) => isOfStart(timeMs, clock))
    const failures = all.filter(({ count }) => count >= FEWEST_LINES)
    if (failures.length === 0) {
      if (isStarting(clock) && apiFailures(logs, isApiServer, () => false).length > 0)
        return unchecked('starting')
      return journals.some(({ path }) => KUBELET.test(path)) ? clear() : unchecked('noKubeletLog')
    }
    return failures.map((failure): Found<ApiServerUnreachable, Note> => {
      const target = failure.target.host === '' ? onlyTarget(known) : failure.target
      const over = isOver(failure, journals, clock)
      const lines = [...failure.lines.slice(-2).toReversed(), ...failure.lines.slice(0, 1)]
      const data = {
        node: node.id,
        ...target,
        kind: failure.kind,
        ...(failure.error !== undefined && { error: failure.error }),
        count: failure.count,
        heartbeat: failure.heartbeat,
        owners: [...new Set(ownersOf(parseAddress(target.host), owners).map((owner) => owner.node))],
        over,
      }
      return found(data, {
        subject: [target.host, target.port ?? '', failure.kind].filter((part) => part !== '').join('-'),
        severity: over ? severityOfPast(failure) : 'high',
        confidence: confidenceFromLog('likely', failure.lines),
        about: aboutOf(data, addresses ?? []),
        evidence: [...new Set(lines)].map(({ origin }, index) =>
          withNote(origin, index === 0 ? 'last' : 'more', formatCount(failure.count)),
        ),
      })
    })
  },
})

/** The failures ended, and the log that tells of them goes on: a log that ends with them proves nothing. */
function isOver(
  { lines, target }: ApiFailure,
  journals: readonly Capture<LogExtract>[],
  clock: Clock | undefined,
): boolean {
  const last = lines.at(-1)
  const journal = journals.find(({ path }) => path === last?.origin.path)
  if (last?.timeMs === undefined || journal === undefined || clock === undefined) return false
  const { lastTimeMs, lastWallTime } = journal.value
  const endMs =
    lastTimeMs ?? (lastWallTime && anchoredTimeMs(lastWallTime, { ...clock, zoneOffsetMinutes: 0 }))
  const address = parseAddress(target.host)
  const enoughMs = address !== undefined && isLoopback(address) ? OVER_ON_LOOPBACK_MS : OVER_MS
  return endMs !== undefined && endMs - last.timeMs > enoughMs
}

/** A restart of the API server, or of k3s with its own, is over in minutes, and every upgrade and renewal brings one. */
function severityOfPast({ lines }: ApiFailure): Severity {
  const times = lines.flatMap(({ timeMs }) => timeMs ?? [])
  const lastedMs = Math.max(...times) - Math.min(...times)
  return times.length === lines.length && lastedMs <= STARTING_MS ? 'low' : 'medium'
}

/** Where a line names no server: the one that the node's components are configured with, or that the cluster has, if it is one. */
function onlyTarget(known: readonly ApiServerAddress[]): ApiTarget {
  const clients = known.filter(({ kind }) => kind === 'client')
  const [first, ...others] = clients.length > 0 ? clients : known
  if (first === undefined || others.some(({ address }) => address !== first.address)) return { host: '' }
  return first.port === undefined ? { host: first.address } : { host: first.address, port: first.port }
}

/** The nodes that hold the server's address, whether they sent a bundle or not. */
function ownersOf(address: Address | undefined, owners: AddressOwners | undefined): readonly AddressOwner[] {
  return (address && owners?.get(address)) ?? []
}

function aboutOf(
  { node, host, kind, owners }: ApiServerUnreachable,
  own: readonly NodeAddress[],
): readonly Subject[] {
  const address = parseAddress(host)
  const server =
    address === undefined
      ? []
      : [`address:${address}` as const, ...own.map((held) => pathBetween(held.address, address))]
  // Certificates are a node's: the client's own where it is turned away, the server's too where the client turns away.
  if (kind === 'rejected') return [...server, `node:${node}`]
  if (kind !== 'certificate') return server
  return [...server, `node:${node}`, ...owners.map((owner) => `node:${owner}` as const)]
}
