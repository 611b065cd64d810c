import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import type { Address } from '../../net/address.ts'
import type { Neighbour } from '../../parsers/ipNeigh.ts'
import { captured } from '../../sources/captured.ts'
import { interfaces } from './interfaces.ts'

/** An address on a link of the node that was asked for its hardware address and did not answer. */
export interface UnansweredNeighbour {
  readonly address: Address
  readonly device: string
  readonly state: 'FAILED' | 'INCOMPLETE'
  /** For so long nothing used the entry: it may be history. Left out where it was used lately. */
  readonly unusedSeconds?: number
  /** The listing does not tell how old the entry is, and failed ones are kept for long. */
  readonly isAgeless: boolean
  readonly origin: Evidence
}

/** An entry that nothing has used for so long may be left from a time when the other was away. */
const STALE_SECONDS = 300

/**
 * Entries in the states INCOMPLETE and FAILED of net/core/neighbour.c (three requests of a second each), on interfaces of the node's own
 * network. Entries that are shown for proxying have no state.
 */
export const unansweredNeighbours = defineNodeFact({
  name: 'unanswered neighbours',
  needs: { neighbours: captured.ipNeigh, interfaces },
  compute({ neighbours, interfaces }): Availability<readonly UnansweredNeighbour[]> {
    const devices = new Set(interfaces.filter(({ role }) => role === 'host').map(({ name }) => name))
    return available(
      neighbours.value.flatMap((entry): readonly UnansweredNeighbour[] => {
        const { address, device, states, flags, usedSeconds = 0, line } = entry
        const state = (['FAILED', 'INCOMPLETE'] as const).find((each) => states.includes(each))
        if (state === undefined || flags.has('proxy') || !devices.has(device)) return []
        return [
          {
            address,
            device,
            state,
            ...(usedSeconds > STALE_SECONDS && { unusedSeconds: usedSeconds }),
            isAgeless: state === 'FAILED' && !tellsAge(entry),
            origin: neighbours.cite(line),
          },
        ]
      }),
    )
  },
})

/** BusyBox prints 0 for all times; the kernel lets a minute lie between the last answer and a failed request. */
function tellsAge({ usedSeconds, confirmedSeconds, updatedSeconds }: Neighbour): boolean {
  return usedSeconds !== 0 || confirmedSeconds !== 0 || updatedSeconds !== 0
}
