import type { Line } from '../text/line.ts'
import { type JsonValue, asArray, asBoolean, asString, asStrings, field } from './jsonValue.ts'
import {
  type KubeEndpoint,
  type KubeEndpointPort,
  endpointPort,
  endpointsChangedAtMs,
  podRef,
} from './kubeEndpoint.ts'
import { kubeList } from './kubeList.ts'
import { addressesOf, kubeName } from './kubeObject.ts'

/** A slice of the addresses behind a Service. */
export interface KubeEndpointSlice {
  readonly namespace: string
  readonly name: string
  /** Of the label `kubernetes.io/service-name`; undefined for a slice that belongs to no Service. */
  readonly service: string | undefined
  readonly ports: readonly KubeEndpointPort[]
  readonly addresses: readonly KubeEndpoint[]
  /**
   * When the change of a pod or of the Service took place that this slice was last written for, in milliseconds since 1970: the
   * annotation `endpoints.kubernetes.io/last-change-trigger-time`. The controller leaves it out where no pod became ready, such as
   * when one was removed.
   */
  readonly changedAtMs: number | undefined
  /** The line of its name. */
  readonly line: Line
}

/**
 * `kube/api/endpointslices.json` (discovery.k8s.io/v1, and v1beta1 before Kubernetes 1.21):
 * ```
 * {"kind": "List", "items": [{"kind": "EndpointSlice", "metadata": {"labels": {"kubernetes.io/service-name": "web"},
 *   "name": "web-ltf9w"}, "endpoints": [{"addresses": ["10.244.1.3"], "conditions": {"ready": true}}], "ports": []}]}
 * ```
 */
export const kubeEndpointSlices = kubeList<KubeEndpointSlice>((item, line) => {
  const named = kubeName(item)
  if (named === undefined) return undefined
  return {
    ...named,
    service: asString(field(item, 'metadata', 'labels', 'kubernetes.io/service-name')),
    ports: asArray(field(item, 'ports')).flatMap(endpointPort),
    addresses: asArray(field(item, 'endpoints')).flatMap(endpoints),
    changedAtMs: endpointsChangedAtMs(item),
    line,
  }
})

function endpoints(entry: JsonValue): readonly KubeEndpoint[] {
  // The API: "A nil value should be interpreted as true".
  const ready = asBoolean(field(entry, 'conditions', 'ready')) ?? true
  const serving = asBoolean(field(entry, 'conditions', 'serving')) ?? ready
  const terminating = asBoolean(field(entry, 'conditions', 'terminating')) ?? false
  // v1beta1 tells the node by a topology label.
  const nodeName =
    asString(field(entry, 'nodeName')) ?? asString(field(entry, 'topology', 'kubernetes.io/hostname'))
  const zones = asArray(field(entry, 'hints', 'forZones')).map((zone) => asString(field(zone, 'name')))
  const hintedZones = zones.filter((zone) => zone !== undefined)
  const pod = podRef(entry)
  const addresses = addressesOf(asStrings(field(entry, 'addresses')))
  return addresses.map((address) => ({ address, ready, serving, terminating, nodeName, hintedZones, pod }))
}
