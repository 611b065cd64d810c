import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineClusterFact, eachNode } from '../../engine/fact.ts'
import { captured } from '../../sources/captured.ts'

/** The ports that NodePort Services are given. */
export interface NodePortRange {
  readonly first: number
  readonly last: number
  /** The line that sets it; left out for the default. */
  readonly origin?: Evidence
}

/** kube-apiserver(8), --service-node-port-range. */
const DEFAULT_RANGE: NodePortRange = { first: 30_000, last: 32_767 }

/** The option, of a static pod, of k3s (also as `kube-apiserver-arg`) or of a unit; `30000+2767` is a first port and how many more. */
const OPTION = /service-node-port-range["']?[=:\s]\s*["']?(\d{1,5})([-+])(\d{1,5})\b/

/** The range that an API server of the case is told, else the default one. */
export const nodePortRange = defineClusterFact({
  name: 'range of node ports',
  needs: { configs: eachNode(captured.kubeConfigFiles) },
  compute({ configs }): Availability<NodePortRange> {
    for (const config of configs.flatMap(({ value }) => value)) {
      for (const line of config.value.lines) {
        if (!line.text.includes('service-node-port-range') || /^\s*#/.test(line.text)) continue
        const [, first, sign, second] = OPTION.exec(line.text) ?? []
        if (first === undefined || second === undefined) continue
        const last = sign === '+' ? Number(first) + Number(second) : Number(second)
        return available({ first: Number(first), last, origin: config.cite(line) })
      }
    }
    return available(DEFAULT_RANGE)
  },
})
