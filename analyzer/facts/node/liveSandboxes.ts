import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available, unavailable } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import type { NodeScope } from '../../engine/scope.ts'
import { captured } from '../../sources/captured.ts'

/** The pod sandboxes that the node's container runtimes know: all of them, so that what is not among them is gone. */
export interface LiveSandboxes {
  /** Does a runtime know it, running or not? One that has exited keeps its address until the kubelet removes it. */
  readonly knows: (containerId: string) => boolean
  /** How many there are, running or not. */
  readonly count: number
  /** The lists themselves. */
  readonly origins: readonly Evidence[]
}

/** `docker ps` without --no-trunc prints the first twelve digits of an id. */
const SHORT_ID = 12
/** How the kubelet names the sandbox of a pod: k8s_POD_<pod>_<namespace>_<uid>_<attempt>. */
const DOCKER_SANDBOX = /^k8s_POD_/
const BROKEN = new Set(['failed', 'timeout', 'denied', 'truncated', 'damaged'])

/**
 * Sandboxes by `crictl pods` and `docker ps -a`, joined: with Docker the one of containerd lists none, and the other way round.
 * Unavailable where a list is missing that should be there, or is not whole.
 */
export const liveSandboxes = defineNodeFact({
  name: 'pod sandboxes',
  needs: {},
  wants: { pods: captured.criPods, containers: captured.dockerPs },
  compute({ pods, containers }, node): Availability<LiveSandboxes> {
    const sandboxes = containers?.value.filter(({ names }) => names.some((name) => DOCKER_SANDBOX.test(name)))
    const lists = [
      ...(pods === undefined ? [] : [pods]),
      ...(containers === undefined || sandboxes?.length === 0 ? [] : [containers]),
    ]
    if (lists.length === 0) {
      return unavailable({
        code: 'not-captured',
        node: node.id,
        what: { en: 'any list of pod sandboxes', zh: 'Pod sandbox 列表' },
      })
    }
    const isDocker = sandboxes !== undefined && sandboxes.length > 0
    const isMissing =
      BROKEN.has(node.captures.dockerPs.status) || (!isDocker && BROKEN.has(node.captures.criPods.status))
    if (isMissing || !lists.every((list) => isWhole(list, node))) {
      return unavailable({
        code: 'unreliable',
        node: node.id,
        what: { en: 'the list of pod sandboxes', zh: 'Pod sandbox 列表' },
      })
    }
    const ids = new Set([...(pods?.value ?? []), ...(containers?.value ?? [])].map(({ id }) => id))
    return available({
      knows: (id) => ids.has(id) || ids.has(id.slice(0, SHORT_ID)),
      count: (pods?.value.length ?? 0) + (sandboxes?.length ?? 0),
      origins: lists.map((list) => list.cite({ number: 0, text: list.command ?? '' })),
    })
  },
})

function isWhole({ path, status }: Capture<unknown>, { bundle }: NodeScope): boolean {
  const row = bundle.sources.find((source) => source.path === path)
  return (status === 'ok' || status === 'empty') && (row?.unreadLines ?? 0) === 0 && (row?.dropped ?? 0) === 0
}
