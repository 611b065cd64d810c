import { type Availability, available, unavailable } from '../../engine/availability.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { captured } from '../../sources/captured.ts'

/** The times that a node is judged by, all from its own clock, in milliseconds since 1970 (UTC). */
export interface Clock {
  /** When the collector started. */
  readonly collectedAtMs: number
  /** When the kernel started, where the bundle tells. */
  readonly bootedAtMs?: number
}

/** The node's clock; unavailable where the bundle does not say when it was made. */
export const clock = defineNodeFact({
  name: 'clock',
  needs: {},
  wants: { meta: captured.nodeMeta },
  compute({ meta }, node): Availability<Clock> {
    const collectedAtMs = Date.parse(node.bundle.collectedAt ?? '')
    if (Number.isNaN(collectedAtMs)) {
      return unavailable({
        code: 'undetermined',
        node: node.id,
        what: { en: 'the time of the capture', zh: '采集时间' },
      })
    }
    const uptimeSeconds = meta?.value.uptimeSeconds
    if (uptimeSeconds === undefined) return available({ collectedAtMs })
    return available({ collectedAtMs, bootedAtMs: collectedAtMs - uptimeSeconds * 1000 })
  },
})
