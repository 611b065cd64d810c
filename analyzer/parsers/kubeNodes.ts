import type { Address } from '../net/address.ts'
import { type Prefix, parsePrefix } from '../net/prefix.ts'
import type { Line } from '../text/line.ts'
import { type JsonValue, asArray, asBoolean, asString, asStrings, field, stringEntries } from './jsonValue.ts'
import { kubeList } from './kubeList.ts'
import { addressesOf, kubeName, kubeTimeMs } from './kubeObject.ts'

/** A condition of a node, such as `Ready`. */
export interface KubeNodeCondition {
  readonly type: string
  /** `True`, `False` or `Unknown`. */
  readonly status: string
  readonly reason: string
  readonly message: string
  readonly lastHeartbeatMs: number | undefined
}

/** A taint of a node. */
export interface KubeTaint {
  readonly key: string
  readonly value: string
  readonly effect: string
}

/** A node as the API server knows it. Versions are as printed (`v1.20.2`), '' where the kubelet never said. */
export interface KubeNode {
  readonly name: string
  readonly internalAddresses: readonly Address[]
  readonly externalAddresses: readonly Address[]
  /** From which its pods get their addresses: one of each family. */
  readonly podCidrs: readonly Prefix[]
  readonly unschedulable: boolean
  /** Labelled as a node that runs an API server. */
  readonly isControlPlane: boolean
  readonly conditions: readonly KubeNodeCondition[]
  /** Of the label `topology.kubernetes.io/zone`. */
  readonly zone: string | undefined
  /** Those of flannel, Calico and k3s, by their full keys. */
  readonly annotations: ReadonlyMap<string, string>
  readonly kubeletVersion: string
  readonly kubeProxyVersion: string
  readonly kernelVersion: string
  readonly osImage: string
  readonly containerRuntimeVersion: string
  readonly taints: readonly KubeTaint[]
  /** The line of its name. */
  readonly line: Line
}

/** Annotations in which network plugins and k3s tell what they chose. */
const KEPT_ANNOTATIONS = ['flannel.alpha.coreos.com/', 'projectcalico.org/', 'k3s.io/'] as const

/** Stable since Kubernetes 1.17, and the name it had before. */
const ZONE_LABELS = ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone'] as const

/** Of kubeadm since 1.20 (k3s and rke2 set it too), of kubeadm before 1.24, of Rancher's RKE. */
const CONTROL_PLANE_LABELS = ['control-plane', 'master', 'controlplane'].map(
  (role) => `node-role.kubernetes.io/${role}`,
)

/**
 * `kube/api/nodes.json` (core/v1 Node):
 * ```
 * {"kind": "List", "items": [{"kind": "Node", "metadata": {"name": "node-1"}, "spec": {"podCIDR": "10.244.2.0/24"},
 *   "status": {"addresses": [{"address": "192.168.50.11", "type": "InternalIP"}]}}]}
 * ```
 */
export const kubeNodes = kubeList<KubeNode>((item, line) => {
  const named = kubeName(item)
  if (named === undefined) return undefined
  const labels = stringEntries(field(item, 'metadata', 'labels'))
  const info = (key: string) => asString(field(item, 'status', 'nodeInfo', key)) ?? ''
  return {
    name: named.name,
    internalAddresses: addressesOfType(item, 'InternalIP'),
    externalAddresses: addressesOfType(item, 'ExternalIP'),
    podCidrs: podCidrs(item),
    unschedulable: asBoolean(field(item, 'spec', 'unschedulable')) ?? false,
    isControlPlane: CONTROL_PLANE_LABELS.some((label) => labels.has(label)),
    conditions: asArray(field(item, 'status', 'conditions')).map(condition),
    zone: ZONE_LABELS.map((label) => labels.get(label)).find((zone) => zone !== undefined),
    annotations: keptAnnotations(item),
    kubeletVersion: info('kubeletVersion'),
    kubeProxyVersion: info('kubeProxyVersion'),
    kernelVersion: info('kernelVersion'),
    osImage: info('osImage'),
    containerRuntimeVersion: info('containerRuntimeVersion'),
    taints: asArray(field(item, 'spec', 'taints')).map(taint),
    line,
  }
})

function addressesOfType(item: JsonValue, type: string): readonly Address[] {
  const entries = asArray(field(item, 'status', 'addresses')).filter((entry) => field(entry, 'type') === type)
  return addressesOf(entries.map((entry) => asString(field(entry, 'address'))))
}

function podCidrs(item: JsonValue): readonly Prefix[] {
  const single = asString(field(item, 'spec', 'podCIDR'))
  const texts = new Set([
    ...(single === undefined ? [] : [single]),
    ...asStrings(field(item, 'spec', 'podCIDRs')),
  ])
  return [...texts].map(parsePrefix).filter((prefix) => prefix !== undefined)
}

function condition(entry: JsonValue): KubeNodeCondition {
  const text = (key: string) => asString(field(entry, key)) ?? ''
  return {
    type: text('type'),
    status: text('status'),
    reason: text('reason'),
    message: text('message'),
    lastHeartbeatMs: kubeTimeMs(field(entry, 'lastHeartbeatTime')),
  }
}

function taint(entry: JsonValue): KubeTaint {
  const text = (key: string) => asString(field(entry, key)) ?? ''
  return { key: text('key'), value: text('value'), effect: text('effect') }
}

function keptAnnotations(item: JsonValue): ReadonlyMap<string, string> {
  const all = stringEntries(field(item, 'metadata', 'annotations'))
  return new Map([...all].filter(([key]) => KEPT_ANNOTATIONS.some((prefix) => key.startsWith(prefix))))
}
