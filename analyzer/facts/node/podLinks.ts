import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { type NodeInterface, interfaces } from './interfaces.ts'
import { isPodPort } from './isPodPort.ts'
import { routes } from './routes.ts'

/** The host's ends of pods' links that hang together: a pod has one of them. */
export interface PodLinks {
  /** The bridge that they are ports of; undefined for those of Calico, which the host routes to. */
  readonly bridge: string | undefined
  readonly links: readonly NodeInterface[]
  /** Those that lead to no pod that answers: the far end is down or has no carrier, or, with Calico, no route leads there. */
  readonly idle: readonly NodeInterface[]
  /** The line of the bridge, or of the first link. */
  readonly origin: Evidence
}

/** `cali` and eleven digits of the pod's hash (libcalico-go lib/backend/k8s/conversion). */
const CALICO = /^cali[0-9a-f]{6,11}$/

/**
 * The links of pods on the bridges of network plugins, and those of Calico. Containers of Docker and podman hang on bridges of their
 * own, and are left out. Without routes no link of Calico is taken for idle.
 */
export const podLinks = defineNodeFact({
  name: 'links of pods',
  needs: { interfaces },
  wants: { routes },
  compute({ interfaces, routes }): Availability<readonly PodLinks[]> {
    const bridges = interfaces
      .filter(({ role }) => role === 'cni')
      .map(({ name, origin }): PodLinks => {
        const links = interfaces.filter((port) => port.master === name && isPodPort(port))
        return { bridge: name, links, idle: links.filter(isDown), origin }
      })
    const calico = interfaces.filter(({ name, master }) => master === undefined && CALICO.test(name))
    const routed = new Set(routes?.all.map(({ device }) => device))
    // Where no route leads to any of them, the routes are elsewhere: in eBPF, or in another capture.
    const isTold = calico.some(({ name }) => routed.has(name))
    const [first] = calico
    const ofCalico: readonly PodLinks[] =
      first === undefined
        ? []
        : [
            {
              bridge: undefined,
              links: calico,
              idle: isTold ? calico.filter(({ name }) => !routed.has(name)) : [],
              origin: first.origin,
            },
          ]
    return available([...bridges, ...ofCalico].filter(({ links }) => links.length > 0))
  },
})

/** The carrier of a veth is that of its far end: it is gone while that is down (drivers/net/veth.c). */
function isDown({ flags, state }: NodeInterface): boolean {
  return flags.has('NO-CARRIER') || flags.has('M-DOWN') || state === 'LOWERLAYERDOWN'
}
