import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, type Evidence, withNote } from '../../engine/evidence.ts'
import type { Confidence } from '../../engine/outcome.ts'
import { clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { capturedAt } from '../../facts/cluster/capturedAt.ts'
import { type ServiceInApi, kubeServices } from '../../facts/cluster/kubeServices.ts'
import {
  type AddressWithoutPod,
  type PodAddressFates,
  podAddressFates,
} from '../../facts/cluster/podAddressFates.ts'
import { endpointKey } from '../../facts/cluster/serviceViews.ts'
import {
  type ProxiedService,
  formatServiceAddress,
  serviceAddressKey,
  splitPortName,
} from '../../facts/node/proxiedService.ts'
import { proxyMode } from '../../facts/node/proxyMode.ts'
import { services } from '../../facts/node/services.ts'
import type { Address } from '../../net/address.ts'
import type { ConntrackEntry } from '../../parsers/conntrackList.ts'
import { captured } from '../../sources/captured.ts'
import { serviceRole } from '../services/serviceRole.ts'
import { type Note, type StaleFlow, text } from './conntrack-stale-dnat.text.ts'

/**
 * An entry without an answer lives for 30 seconds (nf_conntrack_udp_timeout), one with answers for 120; each packet winds the clock up
 * again. One that has this much left was used within the last seconds, or is far from its end.
 */
const IN_USE_SECONDS = 20
const SAME_TIME_MS = 60_000
/** As many entries of a list are kept as this (parsers/conntrackList.ts). */
const MOST_LOOKED_AT = 60_000
/** Flows whose lines are cited. */
const MAX_CITED = 4

/** UDP flows to one address of a Service that go to one endpoint that is gone, or to none. */
interface Flows {
  readonly service: ProxiedService
  readonly kind: StaleFlow['kind']
  readonly to: Address
  readonly entries: ConntrackEntry[]
  readonly fates: readonly AddressWithoutPod[]
}

/** UDP flows that go on to an endpoint of a Service that is gone: connection tracking translates them as it did the first packet. */
export default defineRule({
  id: 'conntrack-stale-dnat',
  area: 'conntrack',
  severity: 'high',
  needs: { proxyMode, services, list: captured.conntrackList, timeOf: capturedAt },
  wants: { api: kubeServices, fates: podAddressFates },
  references: [
    {
      title: 'UDP flows are black-holed after endpoints change',
      url: 'https://github.com/kubernetes/kubernetes/issues/48370',
    },
    {
      title: 'Stale conntrack entries of UDP Services',
      url: 'https://github.com/kubernetes/kubernetes/issues/125467',
    },
    { title: 'Linux, Documentation/networking/nf_conntrack-sysctl.rst' },
  ],
  text,
  check({ proxyMode, services, list, timeOf, api, fates }, node) {
    if (proxyMode.mode === 'none') return notApplicable('noProxy')
    if (proxyMode.mode === 'ipvs') return notApplicable('ipvs')
    if (list.value.error) return unchecked('noList')
    const fatesAt = (address: Address): readonly AddressWithoutPod[] =>
      (fates?.(address) ?? []).filter(
        ({ bundle }) => Math.abs((timeOf.get(bundle) ?? NaN) - (timeOf.get(node.id) ?? NaN)) <= SAME_TIME_MS,
      )
    const flows = staleFlows(list.value.of('udp'), services, api, fatesAt)
    if (flows.length === 0) {
      return list.value.total > MOST_LOOKED_AT ? unchecked('tooMany') : clear()
    }
    const told = flows.map((each) => staleFlow(each))
    const isVital = told.some(({ role }) => role === 'dns')
    return found(
      {
        node: node.id,
        flows: told,
        proofs: [...new Set(flows.flatMap((each) => each.fates.map(({ by }) => by)))],
      },
      {
        subject: 'udp',
        confidence: strongest(flows.map(confidenceOf)),
        severity: isVital ? 'critical' : 'high',
        about: flows.flatMap(({ service: { address, name } }) => [
          ...(address === undefined ? [] : [`address:${address}` as const]),
          ...(name === undefined ? [] : [`service:${splitPortName(name).service}` as const]),
        ]),
        evidence: flows
          .slice(0, MAX_CITED)
          .flatMap((each) => linesOf(each, (entry) => list.cite(entry.line))),
      },
    )
  },
})

function staleFlows(
  entries: Iterable<ConntrackEntry>,
  services: readonly ProxiedService[],
  api: ReadonlyMap<string, ServiceInApi> | undefined,
  fatesAt: PodAddressFates,
): readonly Flows[] {
  const byAddress = new Map(services.map((service) => [serviceAddressKey(service), service]))
  const usable = endpointsByName(services)
  const flows = new Map<string, Flows>()
  for (const entry of entries) {
    if ((entry.timeoutSeconds ?? 0) < IN_USE_SECONDS) continue
    const { destination, destinationPort } = entry.original
    const port = destinationPort ?? 0
    const service = byAddress.get(serviceAddressKey({ protocol: 'udp', address: destination, port }))
    if (service === undefined || service.endpoints.length === 0) continue
    const kind = staleness(entry, service, usable, api)
    if (kind === undefined) continue
    const to = entry.reply.source
    const key = `${kind} ${to} ${serviceAddressKey(service)}`
    const known = flows.get(key)
    if (known) known.entries.push(entry)
    else flows.set(key, { service, kind, to, entries: [entry], fates: kind === 'gone' ? fatesAt(to) : [] })
  }
  // Of an endpoint that answered, and of which nothing tells that it is gone, it may be that it only ends.
  return [...flows.values()].filter(
    ({ kind, fates, entries: own }) =>
      kind === 'untranslated' || fates.length > 0 || own.some(({ unreplied }) => unreplied),
  )
}

/** All endpoints of a Service's port, whichever of its addresses leads to them: pods and the node itself may use others than clients outside. */
function endpointsByName(services: readonly ProxiedService[]): ReadonlyMap<string, ReadonlySet<string>> {
  const byName = new Map<string, Set<string>>()
  for (const { name, endpoints } of services) {
    if (name === undefined) continue
    const known = byName.get(name) ?? new Set()
    byName.set(name, known)
    for (const endpoint of endpoints) known.add(endpointKey(endpoint))
  }
  return byName
}

function staleness(
  { original, reply, unreplied }: ConntrackEntry,
  service: ProxiedService,
  usable: ReadonlyMap<string, ReadonlySet<string>>,
  api: ReadonlyMap<string, ServiceInApi> | undefined,
): StaleFlow['kind'] | undefined {
  const isTranslated = reply.source !== original.destination || reply.sourcePort !== original.destinationPort
  if (!isTranslated) return unreplied && service.kind === 'cluster' ? 'untranslated' : undefined
  const key = endpointKey({ address: reply.source, port: reply.sourcePort ?? 0 })
  const own = service.name === undefined ? undefined : usable.get(service.name)
  if (own?.has(key) === true || service.endpoints.some((endpoint) => endpointKey(endpoint) === key))
    return undefined
  if (service.localOnly) return undefined
  const view = service.name === undefined ? undefined : api?.get(splitPortName(service.name).service)
  // It may be terminating, and still answer.
  return view?.endpoints?.some(({ address }) => address === reply.source) === true ? undefined : 'gone'
}

function confidenceOf({ kind, fates }: Flows): Confidence {
  // The rules may be younger than the flow's last packet by a few seconds.
  if (kind === 'untranslated') return 'likely'
  return fates.some(({ by }) => by !== 'no-answer') ? 'certain' : 'likely'
}

function strongest(confidences: readonly Confidence[]): Confidence {
  return confidences.includes('certain') ? 'certain' : 'likely'
}

function staleFlow({ service, kind, to, entries }: Flows): StaleFlow {
  const name = service.name === undefined ? undefined : splitPortName(service.name).service
  return {
    kind,
    address: formatServiceAddress(service),
    ...(name !== undefined && { name }),
    role: name === undefined ? 'workload' : serviceRole(name),
    to,
    flows: entries.length,
    unanswered: entries.filter(({ unreplied }) => unreplied).length,
    endpoints: service.endpoints.map(({ address, port }) =>
      address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
    ),
  }
}

function linesOf(
  { service, kind, entries, fates }: Flows,
  cite: (entry: ConntrackEntry) => Evidence,
): readonly Citation<Note>[] {
  return [
    ...entries.slice(0, 2).map((entry) => withNote(cite(entry), kind)),
    ...service.endpoints.slice(0, 1).map(({ origin }) => withNote(origin, 'endpoint')),
    ...fates.slice(0, 2).map(({ by, origin, bundle }) => withNote(origin, by, bundle)),
  ]
}
