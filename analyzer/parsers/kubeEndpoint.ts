import type { Address } from '../net/address.ts'
import { type JsonValue, asNumber, asString, field } from './jsonValue.ts'
import { kubeTimeMs } from './kubeObject.ts'

/** A port behind a Service. */
export interface KubeEndpointPort {
  /** The name of the Service's port; '' where the Service has but one. */
  readonly name: string
  readonly protocol: string
  readonly port: number
}

/** The pod that an endpoint stands for. */
export interface KubePodRef {
  readonly namespace: string
  readonly name: string
}

/** One address behind a Service. */
export interface KubeEndpoint {
  readonly address: Address
  readonly ready: boolean
  /** It answers, even if it is about to end. */
  readonly serving: boolean
  /** Its pod is being deleted; it gets traffic only where no endpoint is ready. */
  readonly terminating: boolean
  readonly nodeName: string | undefined
  /** Zones whose clients should use it (topology aware routing); empty without hints. */
  readonly hintedZones: readonly string[]
  readonly pod: KubePodRef | undefined
}

/** A port of Endpoints or of an EndpointSlice, as a list of one, or of none when it has no number. */
export function endpointPort(entry: JsonValue): readonly KubeEndpointPort[] {
  const port = asNumber(field(entry, 'port'))
  if (port === undefined) return []
  const protocol = asString(field(entry, 'protocol')) ?? 'TCP'
  return [{ name: asString(field(entry, 'name')) ?? '', protocol, port }]
}

/** The pod named by a `targetRef`; undefined where it names something else, or nothing. */
export function podRef(entry: JsonValue): KubePodRef | undefined {
  const name = asString(field(entry, 'targetRef', 'name'))
  if (field(entry, 'targetRef', 'kind') !== 'Pod' || name === undefined) return undefined
  return { namespace: asString(field(entry, 'targetRef', 'namespace')) ?? '', name }
}

/** The annotation of Endpoints and EndpointSlices that tells for which change they were last written, in milliseconds since 1970. */
export function endpointsChangedAtMs(item: JsonValue): number | undefined {
  return kubeTimeMs(
    field(item, 'metadata', 'annotations', 'endpoints.kubernetes.io/last-change-trigger-time'),
  )
}
