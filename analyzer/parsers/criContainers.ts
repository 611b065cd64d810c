import type { Line } from '../text/line.ts'
import { nanosecondsMs } from './criTime.ts'
import { jsonItems } from './jsonItems.ts'
import { asNumber, asString, field, stringEntries } from './jsonValue.ts'

/** A container of the container runtime, running or not. */
export interface CriContainer {
  /** Full id: 64 hexadecimal digits. */
  readonly id: string
  /** Id of the pod sandbox in whose network it lives. */
  readonly podSandboxId: string
  readonly name: string
  readonly attempt: number
  readonly image: string
  /** `CREATED`, `RUNNING`, `EXITED` or `UNKNOWN`. */
  readonly state: string
  readonly createdMs: number | undefined
  /** Of the labels that the kubelet sets; '' without them. */
  readonly podNamespace: string
  readonly podName: string
  /** The line of its id. */
  readonly line: Line
}

/**
 * `runtime/crictl-ps.json`, `crictl ps -a -o json` (runtime.v1 Container):
 * ```
 * {"containers": [{"id": "2e9b5f2c9eb5…", "podSandboxId": "4dd463060739…", "metadata": {"name": "web", "attempt": 0},
 *   "image": {"image": "localhost/bb:1"}, "state": "CONTAINER_RUNNING", "createdAt": "1795220834000000000",
 *   "labels": {"io.kubernetes.pod.name": "web-6cd8775747-zjdt5", "io.kubernetes.pod.namespace": "default"}}]}
 * ```
 */
export const criContainers = jsonItems<CriContainer>({ list: 'containers', cited: ['id'] }, (item, line) => {
  const id = asString(field(item, 'id'))
  if (id === undefined) return undefined
  const labels = stringEntries(field(item, 'labels'))
  return {
    id,
    podSandboxId: asString(field(item, 'podSandboxId')) ?? '',
    name: asString(field(item, 'metadata', 'name')) ?? '',
    attempt: asNumber(field(item, 'metadata', 'attempt')) ?? 0,
    image: asString(field(item, 'image', 'image')) ?? '',
    state: (asString(field(item, 'state')) ?? '').replace(/^CONTAINER_/, ''),
    createdMs: nanosecondsMs(field(item, 'createdAt')),
    podNamespace: labels.get('io.kubernetes.pod.namespace') ?? '',
    podName: labels.get('io.kubernetes.pod.name') ?? '',
    line,
  }
})
