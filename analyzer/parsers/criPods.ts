import type { Line } from '../text/line.ts'
import { nanosecondsMs } from './criTime.ts'
import { jsonItems } from './jsonItems.ts'
import { asNumber, asString, field, stringEntries } from './jsonValue.ts'

/** A pod sandbox of the container runtime. */
export interface CriPod {
  /** Full id: 64 hexadecimal digits; the one that CNI is called with. */
  readonly id: string
  readonly namespace: string
  readonly name: string
  readonly podUid: string
  readonly ready: boolean
  readonly createdMs: number | undefined
  /** How often the sandbox was made anew. */
  readonly attempt: number
  readonly labels: ReadonlyMap<string, string>
  /** The line of its id. */
  readonly line: Line
}

/**
 * `runtime/crictl-pods.json`, `crictl pods -o json` (runtime.v1 PodSandbox; times are nanoseconds in strings):
 * ```
 * {"items": [{"id": "4dd463060739a706ea9dd642e2bd1e61af317576b4ce7d2fe19dcb194cf09bde",
 *   "metadata": {"name": "web-6cd8775747-zjdt5", "uid": "fa4b93aa-…", "namespace": "default", "attempt": 0},
 *   "state": "SANDBOX_READY", "createdAt": "1795220834000000000", "labels": {}}]}
 * ```
 */
export const criPods = jsonItems<CriPod>({ list: 'items', cited: ['id'] }, (item, line) => {
  const id = asString(field(item, 'id'))
  if (id === undefined) return undefined
  const metadata = (key: string) => asString(field(item, 'metadata', key)) ?? ''
  return {
    id,
    namespace: metadata('namespace'),
    name: metadata('name'),
    podUid: metadata('uid'),
    ready: field(item, 'state') === 'SANDBOX_READY',
    createdMs: nanosecondsMs(field(item, 'createdAt')),
    attempt: asNumber(field(item, 'metadata', 'attempt')) ?? 0,
    labels: stringEntries(field(item, 'labels')),
    line,
  }
})
