import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineClusterFact } from '../../engine/fact.ts'
import type { KubeEndpoint, KubeEndpointPort } from '../../parsers/kubeEndpoint.ts'
import type { KubeEndpointSlice } from '../../parsers/kubeEndpointSlices.ts'
import type { KubeEndpoints } from '../../parsers/kubeEndpoints.ts'
import type { KubeService } from '../../parsers/kubeServices.ts'
import { kubeApi } from './kubeApi.ts'

/** An address behind a port of a Service, as the API server lists it. */
interface ServiceEndpoint extends KubeEndpoint {
  readonly port: KubeEndpointPort
  /** For which change the list it stands in was last written; see KubeEndpointSlice. */
  readonly changedAtMs: number | undefined
  readonly origin: Evidence
}

/** A Service and the addresses behind it. */
export interface ServiceInApi {
  readonly service: KubeService
  readonly origin: Evidence
  /** Ready and unready ones; undefined where neither EndpointSlices nor Endpoints were captured as a whole. */
  readonly endpoints: readonly ServiceEndpoint[] | undefined
}

interface Listed {
  readonly key: string
  readonly endpoint: ServiceEndpoint
}

/**
 * The Services of the cluster by `namespace/name`, each with its endpoints: of the EndpointSlices where any were captured (Endpoints
 * hold a thousand addresses at most), else of the Endpoints.
 */
export const kubeServices = defineClusterFact({
  name: 'Services of the API server',
  needs: { services: kubeApi.services },
  wants: { slices: kubeApi.endpointSlices, endpoints: kubeApi.endpoints },
  compute({ services, slices, endpoints }): Availability<ReadonlyMap<string, ServiceInApi>> {
    const listed = listedEndpoints(slices, endpoints)
    const byService = listed && groupByService(listed)
    const views = services.value.map((service): [string, ServiceInApi] => {
      const key = `${service.namespace}/${service.name}`
      const known = byService && (byService.get(key) ?? [])
      return [key, { service, origin: services.cite(service.line), endpoints: known }]
    })
    return available(new Map(views))
  },
})

/** The endpoints that get the traffic of a port ('' where it has no name): ready ones, all where the Service asks for it. */
export function readyEndpoints(
  { service, endpoints }: ServiceInApi,
  portName: string,
): readonly ServiceEndpoint[] {
  return (endpoints ?? []).filter(
    ({ ready, port }) => port.name === portName && (ready || service.publishNotReadyAddresses),
  )
}

function groupByService(listed: readonly Listed[]): ReadonlyMap<string, readonly ServiceEndpoint[]> {
  const groups = new Map<string, ServiceEndpoint[]>()
  for (const { key, endpoint } of listed) {
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [endpoint])
    else group.push(endpoint)
  }
  return groups
}

function listedEndpoints(
  slices: Capture<readonly KubeEndpointSlice[]> | undefined,
  endpoints: Capture<readonly KubeEndpoints[]> | undefined,
): readonly Listed[] | undefined {
  if (isWhole(slices) && slices.value.length > 0)
    return slices.value.flatMap((slice) => ofSlice(slices, slice))
  if (isWhole(endpoints)) return endpoints.value.flatMap((object) => ofEndpoints(endpoints, object))
  return undefined
}

/** What a list lacks that was cut off tells nothing. */
function isWhole<T>(capture: Capture<T> | undefined): capture is Capture<T> {
  return capture !== undefined && (capture.status === 'ok' || capture.status === 'empty')
}

function ofSlice(
  capture: Capture<readonly KubeEndpointSlice[]>,
  slice: KubeEndpointSlice,
): readonly Listed[] {
  const { namespace, service, ports, addresses, changedAtMs, line } = slice
  if (service === undefined) return []
  const origin = capture.cite(line)
  const key = `${namespace}/${service}`
  return ports.flatMap((port) =>
    addresses.map((address) => ({ key, endpoint: { ...address, port, changedAtMs, origin } })),
  )
}

function ofEndpoints(capture: Capture<readonly KubeEndpoints[]>, object: KubeEndpoints): readonly Listed[] {
  const { changedAtMs } = object
  const origin = capture.cite(object.line)
  const key = `${object.namespace}/${object.service}`
  return object.subsets.flatMap(({ ports, addresses }) =>
    ports.flatMap((port) =>
      addresses.map((address) => ({ key, endpoint: { ...address, port, changedAtMs, origin } })),
    ),
  )
}
