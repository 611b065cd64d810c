import { type Availability, available } from '../../engine/availability.ts'
import { defineClusterFact } from '../../engine/fact.ts'

/** When each bundle was made, in milliseconds since 1970, by its id; those that do not tell are left out. */
export const capturedAt = defineClusterFact({
  name: 'times of the captures',
  needs: {},
  compute(_, { nodes }): Availability<ReadonlyMap<string, number>> {
    const times = nodes.map(({ id, bundle }): [string, number] => [id, Date.parse(bundle.collectedAt ?? '')])
    return available(new Map(times.filter(([, time]) => !Number.isNaN(time))))
  },
})
