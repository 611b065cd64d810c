import type { Address } from '../net/address.ts'
import { addressesIn } from '../net/addressesIn.ts'
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
import type { FindLine } from './jsonItems.ts'
import { kubeList } from './kubeList.ts'
import { addressesOf, kubeName, kubeTimeMs, singularAndPlural } from './kubeObject.ts'

/** A port that a container declares. */
export interface KubeContainerPort {
  readonly name: string | undefined
  /** `TCP`, `UDP` or `SCTP`. */
  readonly protocol: string
  readonly containerPort: number
  readonly hostPort: number | undefined
}

/** IPv4 addresses that are written into a container's environment or command; the collector keeps those of a variable's value. */
export interface KubeLiteral {
  /** Name of the variable; undefined for a word of the command. */
  readonly variable: string | undefined
  /** The value, or the word. */
  readonly text: string
  /** One at least. */
  readonly addresses: readonly Address[]
  readonly line: Line
}

/** A container of a pod. */
export interface KubeContainer {
  readonly name: string
  readonly image: string
  readonly ports: readonly KubeContainerPort[]
  readonly literals: readonly KubeLiteral[]
  readonly ready: boolean
  readonly restarts: number
  /** Why it is not running: `CrashLoopBackOff`, `ContainerCreating`… */
  readonly waitingReason: string | undefined
}

/** A pod as the API server knows it. */
export interface KubePod {
  readonly namespace: string
  readonly name: string
  readonly uid: string | undefined
  /** Undefined while it is not scheduled. */
  readonly nodeName: string | undefined
  readonly podAddresses: readonly Address[]
  readonly hostAddress: Address | undefined
  readonly hostNetwork: boolean
  /** `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`. */
  readonly phase: string
  /** Its condition `Ready` is `True`. */
  readonly ready: boolean
  /** When it last became ready, in milliseconds since 1970; undefined while it is not. */
  readonly readySinceMs: number | undefined
  readonly labels: ReadonlyMap<string, string>
  /** What made it: `ReplicaSet`, `StatefulSet`…; undefined for a pod that nobody tends. */
  readonly controller: { readonly kind: string; readonly name: string } | undefined
  /** Addresses that annotations keep for it alone, so that it has them after every restart: of Calico and of Kube-OVN. */
  readonly fixedAddresses: readonly Address[]
  readonly containers: readonly KubeContainer[]
  /** When its deletion was asked for; undefined for a pod that stays. */
  readonly deletionMs: number | undefined
  /** The line of its name. */
  readonly line: Line
}

/** Calico: docs.tigera.io, "Use a specific IP address with a pod"; Kube-OVN: "Fixed addresses" (it annotates every pod so). */
const FIXED_ADDRESSES = [
  'cni.projectcalico.org/ipAddrs',
  'cni.projectcalico.org/ipAddrsNoIpam',
  'ovn.kubernetes.io/ip_address',
] as const

/**
 * `kube/api/pods.json` (core/v1 Pod):
 * ```
 * {"kind": "List", "items": [{"kind": "Pod", "metadata": {"name": "web-6cd8775747-zjdt5", "namespace": "default"},
 *   "spec": {"nodeName": "node-2"}, "status": {"phase": "Running", "podIPs": [{"ip": "10.244.2.3"}]}}]}
 * ```
 */
export const kubePods = kubeList<KubePod>((item, line, find) => {
  const named = kubeName(item)
  if (named === undefined) return undefined
  const status = field(item, 'status')
  const statuses = asArray(field(status, 'containerStatuses'))
  const ready = asArray(field(status, 'conditions')).find(
    (entry) => field(entry, 'type') === 'Ready' && field(entry, 'status') === 'True',
  )
  return {
    ...named,
    uid: asString(field(item, 'metadata', 'uid')),
    nodeName: asString(field(item, 'spec', 'nodeName')),
    podAddresses: singularAndPlural(field(status, 'podIP'), asArray(field(status, 'podIPs')), 'ip'),
    hostAddress: addressesOf([asString(field(status, 'hostIP'))])[0],
    hostNetwork: asBoolean(field(item, 'spec', 'hostNetwork')) ?? false,
    phase: asString(field(status, 'phase')) ?? '',
    ready: ready !== undefined,
    readySinceMs: kubeTimeMs(field(ready, 'lastTransitionTime')),
    labels: stringEntries(field(item, 'metadata', 'labels')),
    controller: controllerOf(item),
    fixedAddresses: FIXED_ADDRESSES.flatMap((key) =>
      addressesIn(asString(field(item, 'metadata', 'annotations', key)) ?? ''),
    ),
    containers: asArray(field(item, 'spec', 'containers')).map((spec) => container(spec, statuses, find)),
    deletionMs: kubeTimeMs(field(item, 'metadata', 'deletionTimestamp')),
    line,
  }
})

function controllerOf(item: JsonValue): KubePod['controller'] {
  const owner = asArray(field(item, 'metadata', 'ownerReferences')).find(
    (entry) => field(entry, 'controller') === true,
  )
  const [kind, name] = [asString(field(owner, 'kind')), asString(field(owner, 'name'))]
  return kind === undefined || name === undefined ? undefined : { kind, name }
}

function container(spec: JsonValue, statuses: readonly JsonValue[], find: FindLine): KubeContainer {
  const name = asString(field(spec, 'name')) ?? ''
  const status = statuses.find((entry) => field(entry, 'name') === name)
  return {
    name,
    image: asString(field(spec, 'image')) ?? '',
    ports: asArray(field(spec, 'ports')).flatMap(containerPort),
    literals: literalsOf(spec, find),
    ready: asBoolean(field(status, 'ready')) ?? false,
    restarts: asNumber(field(status, 'restartCount')) ?? 0,
    waitingReason: asString(field(status, 'state', 'waiting', 'reason')),
  }
}

function containerPort(entry: JsonValue): readonly KubeContainerPort[] {
  const port = asNumber(field(entry, 'containerPort'))
  if (port === undefined) return []
  return [
    {
      name: asString(field(entry, 'name')),
      protocol: asString(field(entry, 'protocol')) ?? 'TCP',
      containerPort: port,
      hostPort: asNumber(field(entry, 'hostPort')),
    },
  ]
}

/** In the order of kubectl's JSON: keys are sorted. */
function literalsOf(spec: JsonValue, find: FindLine): readonly KubeLiteral[] {
  const words = ['args', 'command'].flatMap((key) => asStrings(field(spec, key)))
  const ofWords = words.flatMap((text) => literal(undefined, text, find))
  const ofVariables = asArray(field(spec, 'env')).flatMap((entry) =>
    literal(asString(field(entry, 'name')), asString(field(entry, 'value')) ?? '', find),
  )
  return [...ofWords, ...ofVariables]
}

function literal(variable: string | undefined, text: string, find: FindLine): readonly KubeLiteral[] {
  const addresses = addressesIn(text)
  if (addresses.length === 0) return []
  const line = variable === undefined ? find(text) : find(variable, text)
  return [{ variable, text, addresses, line }]
}
