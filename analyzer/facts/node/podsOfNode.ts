import { type Availability, available, unavailable } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import type { KubePod } from '../../parsers/kubePods.ts'
import type { Line } from '../../text/line.ts'
import { kubeApi } from '../cluster/kubeApi.ts'
import { kubeNodeOf } from './nodeAddresses.ts'

/** The API server's pods of a node, and the list they are from. */
export interface PodsOfNode {
  readonly pods: readonly KubePod[]
  readonly cite: (line: Line) => Evidence
  /** The list itself. */
  readonly origin: Evidence
}

/** The pods that are scheduled to this node. Unavailable where the API server was not asked, or does not know the node. */
export const podsOfNode = defineNodeFact({
  name: 'pods of the node',
  needs: { kubePods: kubeApi.pods, kubeNodes: kubeApi.nodes },
  compute({ kubePods, kubeNodes }, node): Availability<PodsOfNode> {
    const known = kubeNodeOf(node, kubeNodes)
    if (known === undefined) {
      return unavailable({
        code: 'undetermined',
        node: node.id,
        what: { en: 'the node’s name at the API server', zh: '节点在 API server 上的名称' },
      })
    }
    return available({
      pods: kubePods.value.filter(({ nodeName }) => nodeName === known.name),
      cite: kubePods.cite,
      origin: kubePods.cite({ number: 0, text: kubePods.command ?? '' }),
    })
  },
})
