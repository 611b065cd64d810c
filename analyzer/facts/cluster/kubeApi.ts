import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available, unavailable } from '../../engine/availability.ts'
import { type ClusterFact, type NodeFact, defineClusterFact, eachNode } from '../../engine/fact.ts'
import { captured } from '../../sources/captured.ts'

const ANY_NODE = { en: 'any node', zh: '所有节点' }

/**
 * What the API server answered, from the newest bundle that holds the answer: every node that asks gets the same cluster.
 * Unavailable where no bundle of the case has it.
 */
function newest<T>(fact: NodeFact<Capture<T>>): ClusterFact<Capture<T>> {
  return defineClusterFact({
    name: fact.name,
    needs: { answers: eachNode(fact) },
    compute({ answers }): Availability<Capture<T>> {
      const byAge = answers.toSorted(
        (a, b) => collectedAt(b.node.bundle.collectedAt) - collectedAt(a.node.bundle.collectedAt),
      )
      const [first] = byAge
      if (first !== undefined) return available(first.value)
      return unavailable({ code: 'not-captured', node: ANY_NODE, what: fact.name })
    },
  })
}

function collectedAt(time: string | null): number {
  return time === null ? 0 : Date.parse(time)
}

/** The cluster's objects as the API server tells them, each resource as a fact of the case. */
export const kubeApi = {
  nodes: newest(captured.kubeNodes),
  pods: newest(captured.kubePods),
  services: newest(captured.kubeServices),
  endpoints: newest(captured.kubeEndpoints),
  endpointSlices: newest(captured.kubeEndpointSlices),
  events: newest(captured.kubeEvents),
} as const
