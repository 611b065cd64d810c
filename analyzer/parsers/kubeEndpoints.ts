import type { Line } from '../text/line.ts'
import { type JsonValue, asArray, asString, field } from './jsonValue.ts'
import {
  type KubeEndpoint,
  type KubeEndpointPort,
  endpointPort,
  endpointsChangedAtMs,
  podRef,
} from './kubeEndpoint.ts'
import { kubeList } from './kubeList.ts'
import { addressesOf, kubeName } from './kubeObject.ts'

/** Addresses that share a set of ports. */
export interface KubeEndpointSubset {
  readonly ports: readonly KubeEndpointPort[]
  readonly addresses: readonly KubeEndpoint[]
}

/** The Endpoints object of a Service; it bears the Service's name. */
export interface KubeEndpoints {
  readonly namespace: string
  readonly service: string
  readonly subsets: readonly KubeEndpointSubset[]
  /** See KubeEndpointSlice. */
  readonly changedAtMs: number | undefined
  /** The line of its name. */
  readonly line: Line
}

/**
 * `kube/api/endpoints.json` (core/v1 Endpoints; it holds 1,000 addresses at most):
 * ```
 * {"kind": "List", "items": [{"kind": "Endpoints", "metadata": {"name": "web", "namespace": "default"}, "subsets": [
 *   {"addresses": [{"ip": "10.244.1.2", "nodeName": "node-1"}], "ports": [{"name": "http", "port": 8080}]}]}]}
 * ```
 */
export const kubeEndpoints = kubeList<KubeEndpoints>((item, line) => {
  const named = kubeName(item)
  if (named === undefined) return undefined
  const subsets = asArray(field(item, 'subsets')).map(subset)
  return {
    namespace: named.namespace,
    service: named.name,
    subsets,
    changedAtMs: endpointsChangedAtMs(item),
    line,
  }
})

function subset(entry: JsonValue): KubeEndpointSubset {
  const ready = asArray(field(entry, 'addresses')).flatMap((one) => endpoint(one, true))
  const notReady = asArray(field(entry, 'notReadyAddresses')).flatMap((one) => endpoint(one, false))
  return { ports: asArray(field(entry, 'ports')).flatMap(endpointPort), addresses: [...ready, ...notReady] }
}

function endpoint(entry: JsonValue, ready: boolean): readonly KubeEndpoint[] {
  const [address] = addressesOf([asString(field(entry, 'ip'))])
  if (address === undefined) return []
  return [
    {
      address,
      ready,
      serving: ready,
      terminating: false,
      nodeName: asString(field(entry, 'nodeName')),
      hintedZones: [],
      pod: podRef(entry),
    },
  ]
}
