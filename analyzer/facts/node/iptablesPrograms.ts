import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { iptablesVersionOf } from '../../parsers/iptablesVersionOf.ts'
import { captured } from '../../sources/captured.ts'
import { type DumpBackend, iptablesReadings } from './iptablesReadings.ts'
import { releaseRank } from './iptablesTaints.ts'

/** An iptables program of the node that is known to be there. Those inside of containers are not seen. */
export interface IptablesProgram {
  readonly version: string
  /** Grows with the version: 1.8.7 → 1008007. */
  readonly rank: number
  readonly backend: DumpBackend
  /** A dump's header, or what it said for `-V`. */
  readonly origin: Evidence
}

/** The iptables programs of a node, each release and backend once: those that made the dumps, and those asked for their version. */
export const iptablesPrograms = defineNodeFact({
  name: 'iptables programs',
  needs: {},
  wants: { dumps: iptablesReadings, versions: captured.versions },
  compute({ dumps, versions }): Availability<readonly IptablesProgram[]> {
    const programs: IptablesProgram[] = []
    const add = (version: string, backend: DumpBackend, origin: Evidence): void => {
      const rank = releaseRank(version)
      const isKnown = programs.some((known) => known.version === version && known.backend === backend)
      if (rank !== undefined && !isKnown) programs.push({ version, rank, backend, origin })
    }
    for (const { version, backend, versionOrigin } of dumps ?? []) {
      if (version !== undefined && versionOrigin) add(version, backend, versionOrigin)
    }
    for (const { output, line } of versions?.value ?? []) {
      const said = iptablesVersionOf(output)
      // Before 1.8 there was legacy alone, and it did not say so.
      if (said && versions) add(said.version, said.backend ?? 'legacy', versions.cite(line))
    }
    return available(programs)
  },
})
