import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineClusterFact, eachNode } from '../../engine/fact.ts'
import type { Address } from '../../net/address.ts'
import { prefixContains } from '../../net/prefix.ts'
import type { NmapSweep } from '../../parsers/nmapSweep.ts'
import { captured } from '../../sources/captured.ts'
import { kubeApi } from './kubeApi.ts'

/** A pod that runs, and whether it answered a sweep. */
export interface SweptPod {
  readonly address: Address
  /** `namespace/name`. */
  readonly name: string
  /** Name of its node in the API. */
  readonly node: string
  readonly answered: boolean
  /** The sweep's line of it; left out where nmap lists only hosts that answer. */
  readonly seen?: Evidence
  /** The API server's line of it. */
  readonly origin: Evidence
}

/** What one sweep says of the pods of the cluster. */
export interface PodSweep {
  /** Id of the bundle that holds it: as a rule it was made on that node. */
  readonly from: string
  /** The whole file. */
  readonly origin: Evidence
  readonly pods: readonly SweptPod[]
}

/**
 * The sweeps that operators put into bundles (extra/nmap.xml), held against the running pods of the API server. Pods that a sweep did not
 * look for are left out, and so are those of the host's network, which are not pods to the network.
 */
export const podSweeps = defineClusterFact({
  name: 'sweeps of pod addresses',
  needs: { sweeps: eachNode(captured.nmapSweep), pods: kubeApi.pods },
  compute({ sweeps, pods }): Availability<readonly PodSweep[]> {
    const running = pods.value.filter(
      ({ phase, hostNetwork, deletionMs, nodeName }) =>
        phase === 'Running' && !hostNetwork && deletionMs === undefined && nodeName !== undefined,
    )
    return available(
      sweeps.map(({ node, value: sweep }): PodSweep => ({
        from: node.id,
        origin: sweep.cite({ number: 0, text: '' }),
        pods: running.flatMap(({ namespace, name, nodeName = '', podAddresses, line }) =>
          podAddresses.flatMap((address): SweptPod[] => {
            const host = sweep.value.hosts.find(({ addresses }) => addresses.includes(address))
            if (host === undefined && !wasAsked(sweep.value, address)) return []
            return [
              {
                address,
                name: `${namespace}/${name}`,
                node: nodeName,
                answered: host?.state === 'up',
                ...(host && { seen: sweep.cite(host.line) }),
                origin: pods.cite(line),
              },
            ]
          }),
        ),
      })),
    )
  },
})

function wasAsked({ targets }: NmapSweep, address: Address): boolean {
  return targets.some((target) => prefixContains(target, address))
}
