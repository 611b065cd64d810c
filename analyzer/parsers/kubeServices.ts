import type { Address } from '../net/address.ts'
import type { Line } from '../text/line.ts'
import {
  type JsonValue,
  asArray,
  asBoolean,
  asNumber,
  asString,
  asStrings,
  field,
  stringEntries,
} from './jsonValue.ts'
import { kubeList } from './kubeList.ts'
import { addressesOf, kubeName, singularAndPlural } from './kubeObject.ts'

/** A port of a Service. */
export interface KubeServicePort {
  readonly name: string | undefined
  /** `TCP`, `UDP` or `SCTP`. */
  readonly protocol: string
  readonly port: number
  /** A number, or the name of a container port. */
  readonly targetPort: number | string
  readonly nodePort: number | undefined
}

/** A Service as the API server knows it. */
export interface KubeService {
  readonly namespace: string
  readonly name: string
  /** `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`. */
  readonly type: string
  /** Empty for a headless Service and for an ExternalName. */
  readonly clusterAddresses: readonly Address[]
  /** Its clusterIP is `None`: the proxy programs nothing for it. */
  readonly headless: boolean
  readonly externalAddresses: readonly Address[]
  readonly loadBalancerAddresses: readonly Address[]
  readonly ports: readonly KubeServicePort[]
  /** Empty: somebody else makes its endpoints. */
  readonly selector: ReadonlyMap<string, string>
  readonly internalTrafficPolicy: string
  readonly externalTrafficPolicy: string
  /** `None` or `ClientIP`. */
  readonly sessionAffinity: string
  readonly publishNotReadyAddresses: boolean
  readonly labels: ReadonlyMap<string, string>
  /** The line of its name. */
  readonly line: Line
}

/**
 * `kube/api/services.json` (core/v1 Service; what is left out has the API's default):
 * ```
 * {"kind": "List", "items": [{"kind": "Service", "metadata": {"name": "web", "namespace": "default"},
 *   "spec": {"clusterIP": "10.106.235.36", "ports": [{"port": 80, "targetPort": 8080}], "type": "NodePort"}}]}
 * ```
 */
export const kubeServices = kubeList<KubeService>((item, line) => {
  const named = kubeName(item)
  if (named === undefined) return undefined
  const spec = field(item, 'spec')
  const word = (key: string, otherwise: string) => asString(field(spec, key)) ?? otherwise
  const ingress = asArray(field(item, 'status', 'loadBalancer', 'ingress'))
  return {
    ...named,
    type: word('type', 'ClusterIP'),
    clusterAddresses: singularAndPlural(field(spec, 'clusterIP'), asArray(field(spec, 'clusterIPs'))),
    headless: field(spec, 'clusterIP') === 'None',
    externalAddresses: addressesOf(asStrings(field(spec, 'externalIPs'))),
    loadBalancerAddresses: addressesOf(ingress.map((entry) => asString(field(entry, 'ip')))),
    ports: asArray(field(spec, 'ports')).flatMap(servicePort),
    selector: stringEntries(field(spec, 'selector')),
    internalTrafficPolicy: word('internalTrafficPolicy', 'Cluster'),
    externalTrafficPolicy: word('externalTrafficPolicy', 'Cluster'),
    sessionAffinity: word('sessionAffinity', 'None'),
    publishNotReadyAddresses: asBoolean(field(spec, 'publishNotReadyAddresses')) ?? false,
    labels: stringEntries(field(item, 'metadata', 'labels')),
    line,
  }
})

function servicePort(entry: JsonValue): readonly KubeServicePort[] {
  const port = asNumber(field(entry, 'port'))
  if (port === undefined) return []
  const target = field(entry, 'targetPort')
  return [
    {
      name: asString(field(entry, 'name')),
      protocol: asString(field(entry, 'protocol')) ?? 'TCP',
      port,
      targetPort: asNumber(target) ?? asString(target) ?? port,
      nodePort: asNumber(field(entry, 'nodePort')),
    },
  ]
}
