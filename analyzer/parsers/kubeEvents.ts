import type { Line } from '../text/line.ts'
import { type JsonValue, asNumber, asString, field } from './jsonValue.ts'
import { kubeList } from './kubeList.ts'
import { kubeName, kubeTimeMs } from './kubeObject.ts'

/** Something that happened to an object, as a component reported it. */
export interface KubeEvent {
  /** `Normal` or `Warning`. */
  readonly type: string
  /** In one word: `FailedCreatePodSandBox`. */
  readonly reason: string
  readonly message: string
  readonly namespace: string
  readonly objectKind: string
  readonly objectName: string
  readonly count: number
  readonly firstMs: number | undefined
  readonly lastMs: number | undefined
  /** The node that reported it. */
  readonly sourceHost: string | undefined
  /** The line of the event's own name. */
  readonly line: Line
}

/**
 * `kube/api/events.json` (core/v1 Event):
 * ```
 * {"kind": "List", "items": [{"kind": "Event", "metadata": {"name": "node-1.18e9e7cd58de87fc", "namespace": "default"},
 *   "involvedObject": {"kind": "Node", "name": "node-1"}, "reason": "Starting", "message": "Starting kubelet.",
 *   "count": 1, "lastTimestamp": "2026-11-21T00:26:35Z", "source": {"host": "node-1"}, "type": "Normal"}]}
 * ```
 * Newer clients (events.k8s.io) leave `count` and `lastTimestamp` empty and tell by `eventTime` and `series`.
 */
export const kubeEvents = kubeList<KubeEvent>((item, line) => {
  const named = kubeName(item)
  if (named === undefined) return undefined
  const text = (key: string) => asString(field(item, key)) ?? ''
  return {
    type: text('type'),
    reason: text('reason'),
    message: text('message') || text('note'),
    namespace: named.namespace,
    objectKind: objectText(item, 'kind'),
    objectName: objectText(item, 'name'),
    count: asNumber(field(item, 'series', 'count')) ?? asNumber(field(item, 'count')) ?? 1,
    firstMs: kubeTimeMs(field(item, 'firstTimestamp')) ?? kubeTimeMs(field(item, 'eventTime')),
    lastMs:
      kubeTimeMs(field(item, 'series', 'lastObservedTime')) ??
      kubeTimeMs(field(item, 'lastTimestamp')) ??
      kubeTimeMs(field(item, 'eventTime')),
    sourceHost: asString(field(item, 'source', 'host')),
    line,
  }
})

function objectText(item: JsonValue, key: string): string {
  return asString(field(item, 'involvedObject', key)) ?? asString(field(item, 'regarding', key)) ?? ''
}
