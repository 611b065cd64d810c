import type { Address } from '../net/address.ts'
import type { Line } from '../text/line.ts'
import { type JsonValue, asArray, asBoolean, asNumber, asString, field, stringEntries } from './jsonValue.ts'
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

/** An environment variable of a container whose value is known; the collector keeps addresses and names only. */
export interface KubeEnv {
  readonly name: string
  readonly value: string
  /** The value as an address, where it is one. */
  readonly address: Address | undefined
}

/** A container of a pod. */
export interface KubeContainer {
  readonly name: string
  readonly image: string
  readonly ports: readonly KubeContainerPort[]
  readonly env: readonly KubeEnv[]
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
  readonly containers: readonly KubeContainer[]
  /** When its deletion was asked for; undefined for a pod that stays. */
  readonly deletionMs: number | undefined
  /** The line of its name. */
  readonly line: Line
}

/**
 * `kube/api/pods.json` (core/v1 Pod):
 * ```
 * {"kind": "List", "items": [{"kind": "Pod", "metadata": {"name": "web-6cd8775747-zjdt5", "namespace": "default"},
 *   "spec": {"nodeName": "node-2"}, "status": {"phase": "Running", "podIPs": [{"ip": "10.244.2.3"}]}}]}
 * ```
 */
export const kubePods = kubeList<KubePod>((item, line) => {
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
    containers: asArray(field(item, 'spec', 'containers')).map((spec) => container(spec, statuses)),
    deletionMs: kubeTimeMs(field(item, 'metadata', 'deletionTimestamp')),
    line,
  }
})

function container(spec: JsonValue, statuses: readonly JsonValue[]): KubeContainer {
  const name = asString(field(spec, 'name')) ?? ''
  const status = statuses.find((entry) => field(entry, 'name') === name)
  return {
    name,
    image: asString(field(spec, 'image')) ?? '',
    ports: asArray(field(spec, 'ports')).flatMap(containerPort),
    env: asArray(field(spec, 'env')).flatMap(envValue),
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

function envValue(entry: JsonValue): readonly KubeEnv[] {
  const name = asString(field(entry, 'name'))
  const value = asString(field(entry, 'value'))
  if (name === undefined || value === undefined) return []
  return [{ name, value, address: addressesOf([value])[0] }]
}
