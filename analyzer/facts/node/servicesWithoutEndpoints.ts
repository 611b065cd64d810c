import { type Availability, available } from '../../engine/availability.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { type ServiceInApi, kubeServices, readyEndpoints } from '../cluster/kubeServices.ts'
import { type ProxiedService, splitPortName } from './proxiedService.ts'
import { services } from './services.ts'

/** What the proxy of a node holds of Services that have nobody to answer. */
export interface ServicesWithoutEndpoints {
  /** By `namespace/name`: the cluster addresses that the node refuses. */
  readonly refused: ReadonlyMap<string, readonly ProxiedService[]>
  /** Cluster addresses of IPVS without servers, of which the API tells nothing. */
  readonly undecided: readonly ProxiedService[]
}

type Verdict = 'refused' | 'undecided' | 'served'

/**
 * Services whose cluster address the node refuses since they have no endpoints: kube-proxy's REJECT rule, or a virtual service without
 * servers where the API server lists no ready endpoint either. Node ports and external addresses alone do not count: the traffic
 * policy `Local` leaves them without endpoints on purpose, as it does cluster addresses whose endpoints are all elsewhere.
 */
export const servicesWithoutEndpoints = defineNodeFact({
  name: 'services without endpoints',
  needs: { services },
  wants: { api: kubeServices },
  compute({ services, api }): Availability<ServicesWithoutEndpoints> {
    const refused = new Map<string, ProxiedService[]>()
    const undecided: ProxiedService[] = []
    for (const service of services) {
      const verdict = judge(service, api)
      if (verdict === 'undecided') undecided.push(service)
      if (verdict !== 'refused' || service.name === undefined) continue
      const key = splitPortName(service.name).service
      refused.set(key, [...(refused.get(key) ?? []), service])
    }
    return available({ refused, undecided })
  },
})

function judge(service: ProxiedService, api: ReadonlyMap<string, ServiceInApi> | undefined): Verdict {
  const { kind, endpoints, refusedBy, droppedBy, chain, name } = service
  // A chain without endpoints that no rule refuses is a fault of kube-proxy, not of the Service.
  if (kind !== 'cluster' || endpoints.length > 0 || chain !== undefined || droppedBy) return 'served'
  const named = name === undefined ? undefined : splitPortName(name)
  const view = named && api?.get(named.service)
  const ready = named && view?.endpoints && readyEndpoints(view, named.port)
  if (refusedBy) {
    // Until 1.25 a Service for local endpoints only was refused with the same words.
    const local = view?.service.internalTrafficPolicy === 'Local'
    return local && ready !== undefined && ready.length > 0 ? 'served' : 'refused'
  }
  if (ready === undefined) return 'undecided'
  return ready.length === 0 ? 'refused' : 'served'
}
