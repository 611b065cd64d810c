import type { Capture } from '../../bundle/bundle.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { isLive } from '../../facts/cluster/isLive.ts'
import type { ServiceInApi } from '../../facts/cluster/kubeServices.ts'
import type { KubePod } from '../../parsers/kubePods.ts'
import type { KubeService } from '../../parsers/kubeServices.ts'

/** A pod that a Service selects and that is not ready. */
export interface UnreadyPod {
  readonly name: string
  /** Left out while it is not scheduled. */
  readonly nodeName?: string
  /** Its phase, or why a container waits: `Pending`, `CrashLoopBackOff`. */
  readonly state: string
}

/** Why a Service has no ready endpoint, as far as the API's answers tell. */
export type WhyNoEndpoints =
  | { readonly kind: 'not-captured' }
  | { readonly kind: 'no-selector' }
  | { readonly kind: 'no-pod'; readonly selector: string }
  | { readonly kind: 'not-ready'; readonly selector: string; readonly pods: readonly UnreadyPod[] }
  | { readonly kind: 'port-name'; readonly selector: string; readonly targetPort: string }
  /** Ready pods match: the endpoints are not written (yet). */
  | { readonly kind: 'unpublished'; readonly selector: string; readonly readyPods: number }

/** An explanation and the lines that it rests on. */
interface Explanation {
  readonly why: WhyNoEndpoints
  readonly evidence: readonly Evidence[]
}

const MAX_PODS = 3

/** Explains a Service without ready endpoints by its selector, its pods and its ports. */
export function whyNoEndpoints(
  view: ServiceInApi | undefined,
  pods: Capture<readonly KubePod[]> | undefined,
): Explanation {
  if (view === undefined) return { why: { kind: 'not-captured' }, evidence: [] }
  const { service, origin } = view
  if (service.selector.size === 0) return { why: { kind: 'no-selector' }, evidence: [origin] }
  // Of a list that was cut off no pod can be said to be missing.
  if (pods === undefined || pods.status !== 'ok') return { why: { kind: 'not-captured' }, evidence: [origin] }
  const selector = [...service.selector].map(([key, value]) => `${key}=${value}`).join(',')
  const selected = pods.value.filter((pod) => isSelected(pod, service))
  const cited = selected.slice(0, MAX_PODS).map(({ line }) => pods.cite(line))
  const evidence = [origin, ...cited]
  const ready = selected.filter((pod) => pod.ready)
  if (selected.length === 0) return { why: { kind: 'no-pod', selector }, evidence }
  if (ready.length === 0)
    return { why: { kind: 'not-ready', selector, pods: selected.map(unready) }, evidence }
  const targetPort = unknownPortName(service, ready)
  if (targetPort !== undefined) return { why: { kind: 'port-name', selector, targetPort }, evidence }
  return { why: { kind: 'unpublished', selector, readyPods: ready.length }, evidence }
}

function isSelected(pod: KubePod, { namespace, selector }: KubeService): boolean {
  if (pod.namespace !== namespace || pod.deletionMs !== undefined || !isLive(pod)) return false
  return [...selector].every(([key, value]) => pod.labels.get(key) === value)
}

function unready({ name, nodeName, phase, containers }: KubePod): UnreadyPod {
  const waiting = containers.find(({ waitingReason }) => waitingReason !== undefined)?.waitingReason
  return {
    name,
    ...(nodeName !== undefined && { nodeName }),
    state: waiting ?? (phase === 'Running' ? 'Running, but not ready' : phase),
  }
}

/** A targetPort by name that no container of the pods declares. */
function unknownPortName({ ports }: KubeService, pods: readonly KubePod[]): string | undefined {
  for (const { targetPort } of ports) {
    if (typeof targetPort === 'number') continue
    const declared = pods.some(({ containers }) =>
      containers.some((container) => container.ports.some(({ name }) => name === targetPort)),
    )
    if (!declared) return targetPort
  }
  return undefined
}
